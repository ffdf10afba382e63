//! Log lines, to standard error.

use super::environment;
use crate::log::Level;

pub(crate) fn threshold() -> Level {
    environment::with(|environment| environment.log_threshold)
}

pub(crate) fn emit(level: Level, target: &str, message: &str, fields: &[(String, String)]) {
    use std::fmt::Write;
    let mut line = format!("{level:?} {target}: {message}");
    for (name, value) in fields {
        // Writing to a string does not fail.
        _ = write!(line, " {name}={value}");
    }
    eprintln!("{line}");
}
