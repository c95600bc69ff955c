//! A message as bytes: four bytes with the length, least significant first, then the message in postcard.
//!
//! Reading and writing is the caller's: the worker's is blocking, the server's is not.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes before each message.
pub const HEAD: usize = 4;
/// The longest message. A page of 1 MiB and a session of 64 KiB fit with room.
pub const MAX_BYTES: usize = 16 << 20;

/// Why a message could not be made into bytes or read from them.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is longer than [`MAX_BYTES`].
    #[error("a message of {0} bytes is too long")]
    TooLong(usize),
    /// It is no message of this talk.
    #[error("the message cannot be read: {0}")]
    Unreadable(#[from] postcard::Error),
}

/// Head and message, ready to be sent.
///
/// # Errors
/// * [`FrameError::TooLong`].
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = postcard::to_extend(message, vec![0; HEAD])?;
    let length = bytes.len().saturating_sub(HEAD);
    let head = u32::try_from(length)
        .ok()
        .filter(|_| length <= MAX_BYTES)
        .ok_or(FrameError::TooLong(length))?;
    if let Some(place) = bytes.get_mut(..HEAD) {
        place.copy_from_slice(&head.to_le_bytes());
    }
    Ok(bytes)
}

/// How many bytes follow a head.
///
/// # Errors
/// * [`FrameError::TooLong`]: nobody has to make room for what a broken peer promises.
pub fn length(head: [u8; HEAD]) -> Result<usize, FrameError> {
    let length = u32::from_le_bytes(head) as usize;
    match length <= MAX_BYTES {
        true => Ok(length),
        false => Err(FrameError::TooLong(length)),
    }
}

/// The message in these bytes, which stand behind a head.
///
/// # Errors
/// * [`FrameError::Unreadable`].
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, FrameError> {
    Ok(postcard::from_bytes(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, ToWorker, Value};

    #[test]
    fn what_is_sent_is_what_is_read() {
        let value = Value::Map(vec![(
            "a".into(),
            Value::List(vec![Value::Float(1.5), Value::Null]),
        )]);
        let message = ToWorker::Answer(Answer(Ok(value)));
        let bytes = encode(&message).unwrap();
        let head = bytes[..HEAD].try_into().unwrap();
        assert_eq!(length(head).unwrap(), bytes.len() - HEAD);
        assert_eq!(decode::<ToWorker>(&bytes[HEAD..]).unwrap(), message);
    }

    #[test]
    fn a_head_that_promises_too_much_is_refused() {
        assert!(matches!(length([255; HEAD]), Err(FrameError::TooLong(_))));
    }

    #[test]
    fn junk_is_an_error() {
        assert!(decode::<ToWorker>(&[77, 1, 2]).is_err());
        assert!(decode::<ToWorker>(&[]).is_err());
    }

    #[test]
    fn a_message_beyond_the_bound_is_not_sent() {
        let message = Value::Text("x".repeat(MAX_BYTES + 1));
        assert!(matches!(encode(&message), Err(FrameError::TooLong(_))));
    }
}
