//! Structured log lines, stamped by the host with connector and request id.
//!
//! [`debug!`](crate::debug), [`info!`](crate::info), [`warn!`](crate::warn) and
//! [`error!`](crate::error!) format like [`format!`], and only when the line is kept. With the
//! feature `tracing`, events of that crate arrive here too.

use std::{
    fmt,
    sync::atomic::{AtomicU8, Ordering},
};

use crate::backend;

#[cfg(feature = "tracing")]
mod bridge;
#[cfg(feature = "tracing")]
pub(crate) use bridge::install;

/// How severe a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// Every step.
    Trace,
    /// Of use to the plugin's author.
    Debug,
    /// Of use to the operator.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something failed.
    Error,
}

/// Whether a line of this level is kept. The host is asked once in a sandbox's life.
pub fn enabled(level: Level) -> bool {
    const UNKNOWN: u8 = u8::MAX;
    static THRESHOLD: AtomicU8 = AtomicU8::new(UNKNOWN);
    let mut threshold = THRESHOLD.load(Ordering::Relaxed);
    if threshold == UNKNOWN {
        threshold = backend::log::threshold() as u8;
        THRESHOLD.store(threshold, Ordering::Relaxed);
    }
    level as u8 >= threshold
}

/// Logs a line. `target` says which part of the plugin speaks; `fields` are data of the line.
pub fn emit(level: Level, target: &str, message: fmt::Arguments<'_>, fields: &[(String, String)]) {
    if enabled(level) {
        backend::log::emit(level, target, &message.to_string(), fields);
    }
}

/// Logs at a level, formatting like [`format!`].
#[macro_export]
macro_rules! log {
    ($level:ident, $($message:tt)+) => {
        $crate::log::emit($crate::log::Level::$level, ::std::module_path!(), ::std::format_args!($($message)+), &[])
    };
}

/// Logs what is of use to the plugin's author.
#[macro_export]
macro_rules! debug { ($($message:tt)+) => { $crate::log!(Debug, $($message)+) }; }

/// Logs what is of use to the operator.
#[macro_export]
macro_rules! info { ($($message:tt)+) => { $crate::log!(Info, $($message)+) }; }

/// Logs that something is not as it should be.
#[macro_export]
macro_rules! warn { ($($message:tt)+) => { $crate::log!(Warn, $($message)+) }; }

/// Logs that something failed.
#[macro_export]
macro_rules! error { ($($message:tt)+) => { $crate::log!(Error, $($message)+) }; }
