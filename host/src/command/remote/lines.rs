//! An answer that comes line by line.

use anyhow::Context as _;
use anyhow::ensure;
use reqwest::Response;

use super::error::Error;

/// Longest line: several times what the longest log record takes.
const LINE_BYTES_MAX: usize = 1 << 20;

/// The lines of an answer, as they come.
#[derive(Debug)]
pub(crate) struct Lines {
    response: Response,
    buffer: Vec<u8>,
}

impl Lines {
    pub(super) fn new(response: Response) -> Self {
        Self {
            response,
            buffer: Vec::new(),
        }
    }

    /// The next line that is not empty; none once the host ends the answer.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, Error> {
        loop {
            while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.buffer.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if !line.is_empty() {
                    return Ok(Some(line));
                }
            }
            self.check()?;
            let chunk = self.response.chunk().await;
            match chunk.context("the answer broke off")? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.buffer.len() <= LINE_BYTES_MAX,
            "the host sends a line that does not end"
        );
        Ok(())
    }
}
