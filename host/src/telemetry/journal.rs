//! The latest log records, kept in memory for operators who look on.
//!
//! A record is one JSON object, as the format `json` writes it, formatted once
//! and shared by all who read it. The journal holds so many bytes and no more:
//! whoever reads more slowly than the host writes is told how many records are
//! gone.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Some ten thousand records: minutes of a busy host, days of a quiet one.
pub const BYTES_MAX: usize = 4 << 20;

/// What a record takes beside its text.
const RECORD_OVERHEAD_BYTES: usize = 64;

/// Where records are kept. Clones share them.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    bytes_max: usize,
    /// The number that the next record gets.
    next: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    records: VecDeque<Arc<Record>>,
    bytes: usize,
    /// The number of the first record that is still there.
    first: u64,
}

/// One log record.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// How serious it is.
    pub level: Level,
    /// One JSON object, without a line break.
    pub line: String,
}

impl Default for Journal {
    fn default() -> Self {
        Self::new(BYTES_MAX)
    }
}

impl Journal {
    /// One that holds nothing yet, and never more than so many bytes.
    pub fn new(bytes_max: usize) -> Self {
        Self(Arc::new(Shared {
            kept: Mutex::default(),
            bytes_max,
            next: watch::Sender::new(0),
        }))
    }

    /// Reads from the oldest record that is still there.
    pub fn reader(&self) -> Reader {
        let next = self.0.next.subscribe();
        let position = self.kept(|kept| kept.first);
        Reader {
            journal: self.clone(),
            position,
            next,
        }
    }

    fn push(&self, level: Level, text: Vec<u8>) {
        let Ok(mut line) = String::from_utf8(text) else {
            return;
        };
        line.truncate(line.trim_end().len());
        let next = self.kept(|kept| {
            kept.bytes += size(&line);
            kept.records.push_back(Arc::new(Record { level, line }));
            while kept.bytes > self.0.bytes_max
                && let Some(oldest) = kept.records.pop_front()
            {
                kept.bytes -= size(&oldest.line);
                kept.first += 1;
            }
            kept.first + kept.records.len() as u64
        });
        // Two that write at once may come here in the other order.
        self.0.next.send_if_modified(|known| {
            let newer = next > *known;
            *known = next.max(*known);
            newer
        });
    }

    fn kept<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        // Whatever panicked, the records are whole.
        work(&mut self.0.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn size(line: &str) -> usize {
    line.len() + RECORD_OVERHEAD_BYTES
}

/// A place in the journal.
#[derive(Debug)]
pub struct Reader {
    journal: Journal,
    position: u64,
    next: watch::Receiver<u64>,
}

/// What a reader has not seen yet.
#[derive(Debug, Default)]
pub struct Batch {
    /// How many records were gone before they could be read.
    pub missed: u64,
    /// The oldest of those that were not.
    pub records: Vec<Arc<Record>>,
}

impl Reader {
    /// The next records, at most so many; none when all have been seen.
    pub fn take(&mut self, max: usize) -> Batch {
        let batch = self.journal.kept(|kept| {
            let missed = kept.first.saturating_sub(self.position);
            let from = self.position.saturating_sub(kept.first);
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            let records = kept.records.iter().skip(from).take(max);
            Batch {
                missed,
                records: records.cloned().collect(),
            }
        });
        self.position += batch.missed + batch.records.len() as u64;
        batch
    }

    /// Until there are records that were not taken yet.
    pub async fn wait(&mut self) {
        let position = self.position;
        // The journal is held, and with it the sender.
        _ = self.next.wait_for(|next| *next > position).await;
    }
}

/// One record while it is written.
#[derive(Debug)]
pub struct Line<'j> {
    journal: &'j Journal,
    level: Level,
    text: Vec<u8>,
}

impl<'j> Line<'j> {
    fn new(journal: &'j Journal, level: Level) -> Self {
        Self {
            journal,
            level,
            text: Vec::new(),
        }
    }
}

impl<'j> MakeWriter<'j> for Journal {
    type Writer = Line<'j>;

    fn make_writer(&'j self) -> Line<'j> {
        Line::new(self, Level::INFO)
    }

    fn make_writer_for(&'j self, metadata: &Metadata<'_>) -> Line<'j> {
        Line::new(self, *metadata.level())
    }
}

impl io::Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if !self.text.is_empty() {
            self.journal
                .push(self.level, std::mem::take(&mut self.text));
        }
    }
}

#[cfg(test)]
mod tests;
