//! A form that was sent: read within limits, and proof that this visitor meant it.
//!
//! Every change asks for a [`Checked`] form. It exists only after the browser's own
//! words about the sender (`Origin`, `Sec-Fetch-Site`) and the form's ticket were
//! looked at; see [`grange_session::check_ticket`] for what a ticket is bound to.

use std::time::Duration;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use bytes::BytesMut;
use futures_util::StreamExt;

use crate::extract::query::Fields;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// A body that takes longer than this comes from nobody who wants an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Room for the fields beside the text, percent-encoding included; all there is without a text.
const ROOM_FOR_FIELDS: u64 = 64 * 1024;

/// No form of ours has nearly as many; each takes many times its bytes in memory.
const MOST_FIELDS: usize = 100;

/// Percent-encoding makes three bytes of one.
const ENCODED_BYTES_PER_BYTE: u64 = 3;

/// What a form may bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brings {
    /// A few short fields.
    Fields,
    /// The text of a page as well.
    Text,
}

/// A form as it was sent, not yet believed.
pub struct Posted {
    fields: Fields,
}

/// A form that this visitor sent from a page of this wiki, for this action.
pub struct Checked {
    fields: Fields,
}

impl Posted {
    /// The fields of a form that was read in another way.
    pub fn of(fields: Fields) -> Posted {
        Posted { fields }
    }

    /// Reads the body.
    ///
    /// # Errors
    /// * [`Refusal::UnsupportedBody`] when it is no urlencoded form
    /// * [`Refusal::BodyTooLarge`], [`Refusal::BodyTooSlow`] when it breaks a limit
    /// * [`Refusal::BadRequest`] when the connection breaks, the bytes are no UTF-8 or the fields without end
    pub async fn read(visit: &Visit<'_>, payload: Payload, brings: Brings) -> Result<Posted, Refusal> {
        let kind = visit.incoming.header(header::CONTENT_TYPE).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        if !kind.is_empty() && !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::UnsupportedBody);
        }
        let text_limit = if brings == Brings::Text {
            visit.place.config.max_page_bytes
        } else {
            0
        };
        let limit = text_limit
            .saturating_mul(ENCODED_BYTES_PER_BYTE)
            .saturating_add(ROOM_FOR_FIELDS);
        let body = tokio::time::timeout(LONGEST_WAIT, read_body(visit.incoming, payload, limit))
            .await
            .map_err(|_| Refusal::BodyTooSlow)??;
        let encoded = std::str::from_utf8(&body)
            .map_err(|_| Refusal::BadRequest("The form's body is not UTF-8.".to_owned()))?;
        if encoded.split('&').nth(MOST_FIELDS).is_some() {
            return Err(Refusal::BadRequest("The form has too many fields.".to_owned()));
        }
        Ok(Posted {
            fields: Fields::parse(encoded),
        })
    }

    /// Believes the form when it comes from a page of ours with a good ticket.
    ///
    /// # Errors
    /// * [`Refusal::ForeignOrigin`] when the browser says that another site sent it
    /// * [`Refusal::Ticket`] when the ticket is not this visitor's for this action
    pub fn check(self, visit: &Visit<'_>, action: &str) -> Result<Checked, (Posted, Refusal)> {
        let verdict = check_origin(visit.incoming)
            .and_then(|()| visit.check_ticket(action, self.fields.text("ticket")));
        match verdict {
            Ok(()) => Ok(Checked { fields: self.fields }),
            Err(refusal) => Err((self, refusal)),
        }
    }

    /// Whether a page of this very host sent the form, as far as the browser says; for a form whose proof is not a
    /// ticket.
    ///
    /// # Errors
    /// * [`Refusal::ForeignOrigin`] when the browser says that another site sent it
    pub fn check_own_origin(&self, incoming: &Incoming<'_>) -> Result<(), Refusal> {
        check_origin(incoming)
    }

    /// What was sent, for showing it again.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }
}

impl Checked {
    /// What was sent.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }
}

/// What the browser itself says about who sent the request. A client that says
/// nothing is no browser of a victim; its ticket decides. Of several headers each
/// has its say.
fn check_origin(incoming: &Incoming<'_>) -> Result<(), Refusal> {
    let headers = incoming.http.headers();
    let mut sites = headers.get_all(header::HeaderName::from_static("sec-fetch-site"));
    let mut origins = headers.get_all(header::ORIGIN);
    let is_own = |origin: &HeaderValue| origin.to_str().is_ok_and(|text| incoming.is_own_origin(text));
    if sites.any(|site| site == "cross-site") || !origins.all(is_own) {
        return Err(Refusal::ForeignOrigin);
    }
    Ok(())
}

async fn read_body(incoming: &Incoming<'_>, mut payload: Payload, limit: u64) -> Result<BytesMut, Refusal> {
    let announced = incoming
        .header(header::CONTENT_LENGTH)
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::BodyTooLarge { limit });
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|cause| Refusal::BadRequest(format!("The body broke off: {cause}.")))?;
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(Refusal::BodyTooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
