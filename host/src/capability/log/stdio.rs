//! A guest's standard output and error, line by line into the log.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use super::LINE_BYTES_MAX;
use crate::bindings::log::Level;
use crate::capability::call::Context;

/// The call whose output it is. A sandbox that serves several calls has one
/// target and swaps the call in it.
#[derive(Debug)]
pub struct Target {
    context: Mutex<Arc<Context>>,
    bytes_max: u64,
}

impl Target {
    /// Output of `context`, up to the limit `log_bytes`.
    pub fn new(context: Arc<Context>, bytes_max: u64) -> Self {
        Self {
            context: Mutex::new(context),
            bytes_max,
        }
    }

    /// From now on it is the output of another call.
    pub fn set(&self, context: Arc<Context>) {
        *self.context.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }

    fn context(&self) -> Arc<Context> {
        let context = self.context.lock();
        context.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One of the two output streams.
#[derive(Debug, Clone)]
pub struct Output {
    target: Arc<Target>,
    name: &'static str,
    level: Level,
}

impl Output {
    /// Standard output, logged as `info`.
    pub fn stdout(target: Arc<Target>) -> Self {
        Self {
            target,
            name: "stdout",
            level: Level::Info,
        }
    }

    /// Standard error, logged as `warn`.
    pub fn stderr(target: Arc<Target>) -> Self {
        Self {
            target,
            name: "stderr",
            level: Level::Warn,
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // Components reach standard output through `p2_stream` alone.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Lines {
            output: self.clone(),
            line: Vec::new(),
            begun: self.target.context(),
        })
    }
}

struct Lines {
    output: Output,
    line: Vec<u8>,
    /// The call that began the line: a sandbox's next call does not go on with it.
    begun: Arc<Context>,
}

impl Lines {
    fn emit(&mut self) -> StreamResult<()> {
        let line = std::mem::take(&mut self.line);
        let target = &self.output.target;
        super::write(
            &self.begun,
            target.bytes_max,
            self.output.level,
            self.output.name,
            &String::from_utf8_lossy(&line),
            "",
        )
        .map_err(|limit| StreamError::Trap(limit.into()))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            // The call is over; there is nobody left to stop for a limit.
            _ = self.emit();
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let context = self.output.target.context();
        if !Arc::ptr_eq(&self.begun, &context) {
            if !self.line.is_empty() {
                self.emit()?;
            }
            self.begun = context;
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.last() == Some(&b'\n') {
                self.line.pop();
                self.emit()?;
            } else if self.line.len() >= LINE_BYTES_MAX {
                self.emit()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LINE_BYTES_MAX)
    }
}
