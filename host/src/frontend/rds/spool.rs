//! Uploaded files that must wait on disk until it is known where they go.

use std::io::{self, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use super::body;
use super::problem::Refusal;
use crate::dispatch::{Aborted, Upload};
use crate::frontend::room::{Full, Held, Room};

/// Bytes read back at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// When a full spool is worth another try: uploads take about that long.
const FULL_RETRY: Duration = Duration::from_secs(10);

/// Space for waiting uploads. Clones share it.
#[derive(Debug, Clone)]
pub struct Spool(Room);

impl Spool {
    /// Space in `directory` for files of `file_bytes_max` bytes each and
    /// `total_bytes_max` together.
    pub fn new(directory: PathBuf, file_bytes_max: u64, total_bytes_max: u64) -> Self {
        Self(Room::new(directory, file_bytes_max, total_bytes_max))
    }

    /// Bytes that wait now.
    pub fn used_bytes(&self) -> u64 {
        self.0.used_bytes()
    }

    /// Takes in a whole stream.
    pub(super) async fn fill<E>(
        &self,
        mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
        unreadable: impl FnOnce(E) -> Refusal,
    ) -> Result<Spooled, Refusal> {
        let mut file = self.create().await.map_err(failed)?;
        let mut held = self.0.hold();
        loop {
            let chunk = match bytes.next().await {
                Some(Ok(chunk)) => chunk,
                Some(Err(error)) => return Err(unreadable(error)),
                None => break,
            };
            held.add(chunk.len() as u64).map_err(full)?;
            file.write_all(&chunk).await.map_err(failed)?;
        }
        // A write is still on its way; only a flush tells how it ended.
        file.flush().await.map_err(failed)?;
        file.seek(SeekFrom::Start(0)).await.map_err(failed)?;
        Ok(Spooled { file, held })
    }

    async fn create(&self) -> io::Result<tokio::fs::File> {
        let room = self.0.clone();
        let created = tokio::task::spawn_blocking(move || room.file());
        let file = created.await.map_err(io::Error::other)??;
        Ok(tokio::fs::File::from_std(file))
    }
}

fn full(full: Full) -> Refusal {
    match full {
        Full::File(max) => body::too_large("rds.spool_bytes_max", max),
        Full::Total(_) => {
            let sentence =
                "Too many uploads wait for their fields: rds.spool_bytes_max is reached.";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence).after(FULL_RETRY)
        }
    }
}

fn failed(error: io::Error) -> Refusal {
    tracing::error!(error = &error as &dyn std::error::Error, "the spool failed");
    Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The upload could not be kept.",
    )
}

/// An upload that has arrived whole.
#[derive(Debug)]
pub(super) struct Spooled {
    file: tokio::fs::File,
    held: Held,
}

impl Spooled {
    /// Number of bytes.
    pub(super) fn size(&self) -> u64 {
        self.held.bytes()
    }

    /// The bytes, front to back. The space is free again when they are gone.
    pub(super) fn into_upload(self) -> Upload {
        Upload::new(stream::try_unfold(self, |mut spooled| async move {
            let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
            let read = spooled.file.read_buf(&mut chunk).await;
            match read {
                Ok(0) => Ok(None),
                Ok(_) => Ok(Some((chunk.freeze(), spooled))),
                Err(error) => Err(Aborted::new(format!("the spool failed: {error}"))),
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use futures::stream;
    use http::StatusCode;

    use super::{Refusal, Spool, Spooled};

    fn spool() -> Spool {
        Spool::new(std::env::temp_dir(), 100_000, 150_000)
    }

    async fn fill(spool: &Spool, chunks: usize) -> Result<Spooled, Refusal> {
        let chunks = (0..chunks).map(|_| Ok::<_, Infallible>(Bytes::from_static(&[7; 1000])));
        spool
            .fill(stream::iter(chunks), |never| match never {})
            .await
    }

    #[tokio::test]
    async fn what_goes_in_comes_out() {
        let spool = spool();
        let spooled = fill(&spool, 100).await.unwrap();
        assert_eq!(spooled.size(), 100_000);
        assert_eq!(spool.used_bytes(), 100_000);
        let mut upload = spooled.into_upload();
        let mut size = 0;
        while let Some(chunk) = upload.next().await.unwrap() {
            assert!(chunk.iter().all(|&byte| byte == 7));
            size += chunk.len();
        }
        assert_eq!(size, 100_000);
        drop(upload);
        assert_eq!(spool.used_bytes(), 0);
    }

    #[tokio::test]
    async fn one_file_has_a_limit() {
        let spool = spool();
        let refusal = fill(&spool, 101).await.unwrap_err();
        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(spool.used_bytes(), 0);
    }

    #[tokio::test]
    async fn all_files_have_a_limit() {
        let spool = spool();
        let first = fill(&spool, 80).await.unwrap();
        let refusal = fill(&spool, 80).await.unwrap_err();
        assert_eq!(refusal.status, StatusCode::SERVICE_UNAVAILABLE);
        drop(first);
        fill(&spool, 80).await.unwrap();
    }
}
