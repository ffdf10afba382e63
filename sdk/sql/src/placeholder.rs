//! What a percent sign stands for.

use tenon_sdk::{Error, Result};

use crate::lexer::is_word;

/// What begins with a percent sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Percent<'a> {
    /// The sign itself, written so many bytes long.
    Sign(usize),
    /// A placeholder of this name.
    Placeholder(&'a str),
}

/// Around a placeholder's name.
const OPEN: &str = "%(";
const CLOSE: &str = ")s";

impl Percent<'_> {
    /// Bytes it takes in the script.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Sign(length) => length,
            Self::Placeholder(name) => OPEN.len() + name.len() + CLOSE.len(),
        }
    }
}

/// What a percent sign outside quotes stands for; `rest` begins with it.
pub(crate) fn outside(rest: &str) -> Result<Percent<'_>> {
    match read(rest) {
        Some(percent) => Ok(percent),
        None if rest.starts_with(OPEN) => Err(Error::invalid(
            "`%(` begins a placeholder, which is `%(name)s`; put a space after a `%` that is none",
        )
        .about(shown(rest))),
        None if is_positional(rest) => Err(Error::invalid(
            "a placeholder has a name, `%(name)s`; put a space after a `%` that is none",
        )
        .about(shown(rest))),
        None => Ok(Percent::Sign(1)),
    }
}

/// The text of something in quotes, with each `%%` as `%`.
pub(crate) fn inside(quoted: &str) -> Result<String> {
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some((before, _)) = rest.split_once('%') {
        text.push_str(before);
        text.push('%');
        rest = rest.get(before.len()..).unwrap_or_default();
        let length = match read(rest) {
            Some(Percent::Placeholder(name)) => {
                return Err(Error::invalid(
                    "a placeholder cannot be in quotes; without them it stands for the whole value",
                )
                .about(name));
            }
            Some(sign) => sign.length(),
            None => 1,
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    Ok(text)
}

/// A doubled sign or a placeholder.
fn read(rest: &str) -> Option<Percent<'_>> {
    if rest.starts_with("%%") {
        return Some(Percent::Sign(2));
    }
    let (name, after) = rest.strip_prefix(OPEN)?.split_once(')')?;
    let is_name = !name.is_empty()
        && !name
            .contains(|char: char| char.is_whitespace() || matches!(char, '(' | '%' | '\'' | '"'));
    (is_name && after.starts_with('s')).then_some(Percent::Placeholder(name))
}

/// `%s`, and not the remainder by a column whose name begins so.
fn is_positional(rest: &str) -> bool {
    rest.starts_with("%s") && !rest.as_bytes().get(2).is_some_and(|byte| is_word(*byte))
}

/// The sign and what follows it, short enough for an error.
fn shown(rest: &str) -> String {
    const SHOWN_CHARS: usize = 20;
    rest.chars().take(SHOWN_CHARS).collect()
}
