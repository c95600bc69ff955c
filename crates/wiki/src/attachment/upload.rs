//! A file on its way in: written to disk as it comes, hashed and looked at, never whole in memory.
//!
//! Nobody sees it before [`Upload::keep`], and dropping it removes it. Disks are waited for where no request is held
//! up. Start at [`Upload::write`].

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::io::Write;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use super::AttachError;
use super::blobs::Blobs;
use super::media_type::Sniffer;
use crate::store::StoreError;

/// So much is collected before the disk is asked.
const PIECE: usize = 256 * 1024;

/// A file on its way in.
pub struct Upload {
    blobs: Blobs,
    /// What waits to be written.
    waiting: Vec<u8>,
    /// Gone only while a piece of it is being written.
    taken: Option<Taken>,
    bytes: u64,
    limit: u64,
}

/// What the disk has.
struct Taken {
    file: NamedTempFile,
    hasher: Sha256,
    sniffer: Sniffer,
}

/// What is known of a file whose bytes are durable.
pub(super) struct Kept {
    pub bytes: u64,
    pub hash: [u8; 32],
    pub media_type: &'static str,
}

impl Upload {
    pub(super) async fn begin(blobs: Blobs, limit: u64, now: Timestamp) -> Result<Upload, AttachError> {
        let place = blobs.clone();
        let file = spawn_blocking(move || place.new_file(now));
        let file = file.await.map_err(|_| StoreError::Closed)??;
        Ok(Upload {
            blobs,
            waiting: Vec::new(),
            taken: Some(Taken {
                file,
                hasher: Sha256::new(),
                sniffer: Sniffer::default(),
            }),
            bytes: 0,
            limit,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// - [`AttachError::TooLarge`] as soon as there are more than the wiki allows.
    /// - [`AttachError::Store`] if the disk does not take them.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), AttachError> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.limit {
            return Err(AttachError::TooLarge { limit: self.limit });
        }
        self.waiting.extend_from_slice(piece);
        match self.waiting.len() >= PIECE {
            true => self.flush().await,
            false => Ok(()),
        }
    }

    /// How many bytes have come.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) async fn keep(mut self) -> Result<Kept, AttachError> {
        self.flush().await?;
        let taken = self.taken.take().ok_or(StoreError::Closed)?;
        let hash: [u8; 32] = taken.hasher.finalize().into();
        let (blobs, bytes) = (self.blobs, self.bytes);
        let kept = spawn_blocking(move || blobs.keep(taken.file, &hash, bytes));
        kept.await.map_err(|_| StoreError::Closed)??;
        Ok(Kept {
            bytes,
            hash,
            media_type: taken.sniffer.media_type(),
        })
    }

    async fn flush(&mut self) -> Result<(), AttachError> {
        let piece = std::mem::take(&mut self.waiting);
        let mut taken = self.taken.take().ok_or(StoreError::Closed)?;
        let written = spawn_blocking(move || {
            taken.hasher.update(&piece);
            taken.sniffer.see(&piece);
            let written = taken.file.write_all(&piece);
            written.map(|()| taken)
        });
        let written = written.await.map_err(|_| StoreError::Closed)?;
        self.taken = Some(written.map_err(|source| StoreError::Io {
            path: "an upload".into(),
            source,
        })?);
        Ok(())
    }
}
