//! What is expected of an answer, said in words an author can act on.

use std::fmt::Debug;

use crate::dispatch::{Error, Outcome};

/// A check, or how it failed.
pub(super) type Checked<T = ()> = Result<T, String>;

/// An error with what the log would say of it.
pub(super) fn shown(error: &Error) -> String {
    match error.cause() {
        Some(cause) => format!("`{error}` ({cause})"),
        None => format!("`{error}`"),
    }
}

/// The value of an operation that must succeed.
pub(super) fn done<T>(what: &str, result: Result<T, Error>) -> Checked<T> {
    result.map_err(|error| format!("{what} failed: {}", shown(&error)))
}

/// That an operation is refused in one of these ways.
pub(super) fn refused<T: Debug>(
    what: &str,
    result: Result<T, Error>,
    allowed: &[Outcome],
) -> Checked {
    let names: Vec<_> = allowed.iter().map(|outcome| outcome.name()).collect();
    let names = names.join("` or `");
    match result {
        Err(error) if allowed.contains(&error.outcome()) => Ok(()),
        Err(error) => Err(format!(
            "{what} should answer `{names}`, not {}",
            shown(&error)
        )),
        Ok(value) => {
            let value = short(&value);
            Err(format!(
                "{what} should answer `{names}`, not succeed with {value}"
            ))
        }
    }
}

/// An answer, or a typed error that blames the caller or the system behind;
/// never a trap, a broken limit or a fault of the plugin.
pub(super) fn graceful<T>(what: &str, result: Result<T, Error>) -> Checked<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match error.outcome() {
            Outcome::Internal | Outcome::Deadline | Outcome::Overloaded | Outcome::Cancelled => {
                Err(format!(
                    "{what} should answer or be refused with a typed error, not end in {}",
                    shown(&error)
                ))
            }
            _ => Ok(None),
        },
    }
}

/// That two answers are the same.
pub(super) fn same<T: PartialEq + Debug>(what: &str, one: &T, other: &T) -> Checked {
    if one == other {
        return Ok(());
    }
    Err(format!("{what}: {} and {}", short(one), short(other)))
}

/// That something holds.
pub(super) fn holds(condition: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if condition { Ok(()) } else { Err(otherwise()) }
}

/// Longest quotation of a plugin's answer, in characters.
const SHOWN_MAX: usize = 160;

/// A value's debug form, cut where it gets long.
pub(super) fn short(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
