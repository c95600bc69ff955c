//! The form that brings a file (`multipart/form-data`, RFC 7578): its fields, and the file written to disk while it
//! arrives.
//!
//! Nothing of the file is taken before the form's ticket was seen, and nothing beyond the wiki's limit. Whether the
//! file may be kept, and under which name, is the handler's. Start at [`read`].

use std::io::ErrorKind;
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Payload;
use futures_util::StreamExt;
use grange_wiki::{AttachError, Upload};

use crate::extract::form::{Checked, Posted};
use crate::extract::query::Fields;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::timely::SLOWEST_BYTES_A_SECOND;
use crate::visit::Visit;

/// Room for everything beside the file.
const ROOM_FOR_FIELDS: u64 = 64 * 1024;
/// A field beside the file.
const LONGEST_FIELD: usize = 8 * 1024;
/// No form of ours has nearly as many parts.
const MOST_PARTS: usize = 20;
/// What every form may take; a file may take longer by its size.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A file as it was sent.
pub struct Brought {
    /// What the sender's machine calls it.
    pub name: String,
    /// Its bytes.
    pub upload: Upload,
}

/// Whether the request brings such a form.
pub fn is_sent(incoming: &Incoming<'_>) -> bool {
    let kind = incoming.header(header::CONTENT_TYPE).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("multipart/form-data")
}

/// Reads the form and the one file in its field `file`; nothing where no file was chosen.
///
/// # Errors
/// * [`Refusal::ForeignOrigin`], [`Refusal::Ticket`] as for every form; the ticket has to stand before the file
/// * [`Refusal::BodyTooLarge`] as soon as the file is larger than the wiki takes
/// * [`Refusal::BodyTooSlow`] when it does not arrive in time
/// * [`Refusal::BadRequest`] when it is no such form or breaks off
pub async fn read(
    visit: &Visit<'_>,
    payload: Payload,
    action: &str,
) -> Result<(Checked, Option<Brought>), Refusal> {
    let limit = visit.place.config.max_attachment_bytes;
    let announced = visit
        .incoming
        .header(header::CONTENT_LENGTH)
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit.saturating_add(ROOM_FOR_FIELDS)) {
        return Err(Refusal::BodyTooLarge { limit });
    }
    let wait = LONGEST_WAIT + Duration::from_secs(limit / u64::from(SLOWEST_BYTES_A_SECOND));
    let parts = Multipart::new(visit.incoming.http.headers(), bounded(payload, limit));
    let reading = read_parts(visit, parts, action);
    tokio::time::timeout(wait, reading)
        .await
        .map_err(|_| Refusal::BodyTooSlow)?
}

async fn read_parts(
    visit: &Visit<'_>,
    mut parts: Multipart,
    action: &str,
) -> Result<(Checked, Option<Brought>), Refusal> {
    let mut pairs = Vec::new();
    let mut brought = None;
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|cause| broken(visit, &cause))?;
        if part.headers().contains_key(header::CONTENT_LENGTH) {
            // It is to be passed over (RFC 7578 section 4.8), but our reader would believe it and cut the part.
            let sentence = "A part of the form tells its own length, which no browser does.".to_owned();
            return Err(Refusal::BadRequest(sentence));
        }
        count += 1;
        if count > MOST_PARTS {
            return Err(Refusal::BadRequest("The form has too many fields.".to_owned()));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if name != "file" {
            pairs.push((name, read_field(visit, &mut part).await?));
            continue;
        }
        if brought.is_some() {
            return Err(Refusal::BadRequest(
                "The form brings more than one file.".to_owned(),
            ));
        }
        believe(visit, pairs.clone(), action)?;
        brought = Some(read_file(visit, &mut part).await?);
    }
    let brought = brought.filter(|file| !file.name.is_empty() || file.upload.bytes() > 0);
    Ok((believe(visit, pairs, action)?, brought))
}

fn believe(visit: &Visit<'_>, pairs: Vec<(String, String)>, action: &str) -> Result<Checked, Refusal> {
    let posted = Posted::of(Fields::of(pairs));
    posted.check(visit, action).map_err(|(_, refusal)| refusal)
}

async fn read_field(visit: &Visit<'_>, part: &mut Field) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.next().await {
        bytes.extend_from_slice(&piece.map_err(|cause| broken(visit, &cause))?);
        if bytes.len() > LONGEST_FIELD {
            return Err(Refusal::BadRequest("A field of the form is too long.".to_owned()));
        }
    }
    String::from_utf8(bytes).map_err(|_| Refusal::BadRequest("A field of the form is not UTF-8.".to_owned()))
}

async fn read_file(visit: &Visit<'_>, part: &mut Field) -> Result<Brought, Refusal> {
    let name = part.content_disposition().and_then(|told| told.get_filename());
    let name = name.unwrap_or_default().to_owned();
    let begun = visit.open.wiki.begin_upload(visit.incoming.now).await;
    let mut upload = begun.map_err(attach_refusal)?;
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|cause| broken(visit, &cause))?;
        upload.write(&piece).await.map_err(attach_refusal)?;
    }
    Ok(Brought { name, upload })
}

/// What a failed attaching or removing means for the visitor, where the handler has no better words.
pub fn attach_refusal(cause: AttachError) -> Refusal {
    match cause {
        AttachError::TooLarge { limit } => Refusal::BodyTooLarge { limit },
        AttachError::ReadOnly => Refusal::Refused("This wiki is read-only at the moment.".into()),
        AttachError::Store(cause) => cause.into(),
        told @ (AttachError::NoSuchPage(_) | AttachError::NoSuchFile(_) | AttachError::NameTaken(_)) => {
            Refusal::NotFound(told.to_string().into())
        }
    }
}

/// Ends the body where it is larger than file and fields together may be. What it says then is not what our reader says
/// of a head that does not fit its buffer, so that [`broken`] can tell them apart.
fn bounded(
    payload: Payload,
    limit: u64,
) -> impl futures_util::Stream<Item = Result<bytes::Bytes, PayloadError>> + 'static {
    let mut left = limit.saturating_add(ROOM_FOR_FIELDS);
    payload.map(move |piece| {
        let piece = piece?;
        left = left
            .checked_sub(piece.len() as u64)
            .ok_or_else(|| PayloadError::Io(ErrorKind::FileTooLarge.into()))?;
        Ok(piece)
    })
}

fn broken(visit: &Visit<'_>, cause: &MultipartError) -> Refusal {
    match cause {
        MultipartError::Payload(PayloadError::Io(cause)) if cause.kind() == ErrorKind::FileTooLarge => {
            Refusal::BodyTooLarge {
                limit: visit.place.config.max_attachment_bytes,
            }
        }
        MultipartError::Payload(PayloadError::Overflow) => {
            let sentence = "The head of a part of the form is longer than 64 KiB.".to_owned();
            Refusal::BadRequest(sentence)
        }
        cause => Refusal::BadRequest(format!("The form cannot be read: {cause}.")),
    }
}
