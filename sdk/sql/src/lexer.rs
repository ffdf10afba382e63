//! Where the tokens of SQL begin and end.

use tenon_sdk::{Error, Result, sql::Dialect};

/// What a token is, as far as anyone here asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A string or a name, with its quotes.
    Quoted,
    /// A comment.
    Comment,
    /// White space.
    Space,
    /// `$` and a number.
    Parameter,
    /// One character of its own, or a number.
    Other,
}

/// A token and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
}

/// The token that `rest` begins with, and what follows it; none at the end.
pub(crate) fn next<'a>(rest: &'a str, dialect: Dialect) -> Result<Option<(Token<'a>, &'a str)>> {
    if rest.is_empty() {
        return Ok(None);
    }
    let (kind, length) = measure(rest, dialect)?;
    let (text, rest) = rest.split_at_checked(length).unwrap_or((rest, ""));
    Ok(Some((Token { kind, text }, rest)))
}

/// Whether a character can be in a name without quotes.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

fn measure(rest: &str, dialect: Dialect) -> Result<(Kind, usize)> {
    let postgresql = dialect == Dialect::Postgresql;
    let sqlite = dialect == Dialect::Sqlite;
    Ok(match rest.as_bytes() {
        [b'\'', ..] => (Kind::Quoted, quoted(rest, 1, b'\'')?),
        [b'"', ..] => (Kind::Quoted, quoted(rest, 1, b'"')?),
        [b'e' | b'E', b'\'', ..] if postgresql => (Kind::Quoted, escaped(rest)?),
        [b'`', ..] if sqlite => (Kind::Quoted, quoted(rest, 1, b'`')?),
        // SQLite knows no way to have the bracket itself in there.
        [b'[', ..] if sqlite => {
            let end = rest.find(']').ok_or_else(|| unterminated(rest))?;
            (Kind::Quoted, end + 1)
        }
        [b'-', b'-', ..] => {
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            (Kind::Comment, end)
        }
        [b'/', b'*', ..] => (Kind::Comment, comment(rest, postgresql)?),
        [b'$', b'0'..=b'9', ..] => {
            let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit);
            (Kind::Parameter, 1 + digits.count())
        }
        [b'$', ..] if postgresql => match dollar_quoted(rest)? {
            Some(length) => (Kind::Quoted, length),
            None => (Kind::Other, 1),
        },
        [b'0'..=b'9', ..] => (Kind::Other, word(rest)),
        [first, ..] if is_word(*first) => (Kind::Word, word(rest)),
        [first, ..] if first.is_ascii_whitespace() => {
            let space = rest.bytes().take_while(u8::is_ascii_whitespace);
            (Kind::Space, space.count())
        }
        _ => (Kind::Other, 1),
    })
}

fn word(rest: &str) -> usize {
    rest.bytes().take_while(|byte| is_word(*byte)).count()
}

/// The length of what `quote` closes, `start` bytes in. The quote doubled stands for itself.
fn quoted(rest: &str, start: usize, quote: u8) -> Result<usize> {
    let mut bytes = rest.bytes().enumerate().skip(start).peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == quote && bytes.next_if(|(_, next)| *next == quote).is_none() {
            return Ok(at + 1);
        }
    }
    Err(unterminated(rest))
}

/// The length of `E'…'`, in which a backslash may stand before a quote. A further part on a later
/// line is of the same kind.
fn escaped(rest: &str) -> Result<usize> {
    let mut length = 1;
    loop {
        length += escaped_part(rest.get(length..).unwrap_or_default())?;
        match continuation(rest.get(length..).unwrap_or_default()) {
            Some(space) => length += space,
            None => return Ok(length),
        }
    }
}

fn escaped_part(rest: &str) -> Result<usize> {
    let mut bytes = rest.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'\'' if bytes.next_if(|(_, next)| *next == b'\'').is_none() => return Ok(at + 1),
            _ => {}
        }
    }
    Err(unterminated(rest))
}

/// The length of the space with a line's end in it that parts two pieces of one string. Comments
/// may be in it, after the first line's end.
fn continuation(rest: &str) -> Option<usize> {
    let mut left = rest;
    let mut lines = false;
    loop {
        let trimmed = left.trim_ascii_start();
        let space = left.get(..left.len() - trimmed.len()).unwrap_or_default();
        lines |= space.contains(['\n', '\r']);
        left = match trimmed.as_bytes() {
            [b'\'', ..] if lines => return Some(rest.len() - trimmed.len()),
            [b'-', b'-', ..] if lines => {
                let end = trimmed.find(['\n', '\r'])?;
                trimmed.get(end..)?
            }
            _ => return None,
        };
    }
}

/// The length of `/* … */`. PostgreSQL's nest; SQLite's also end with the text.
fn comment(rest: &str, nests: bool) -> Result<usize> {
    let mut depth = 0_usize;
    let mut bytes = rest.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'/', Some((_, b'*'))) if nests || depth == 0 => {
                depth += 1;
                bytes.next();
            }
            (b'*', Some((_, b'/'))) => {
                depth -= 1;
                bytes.next();
                if depth == 0 {
                    return Ok(at + 2);
                }
            }
            _ => {}
        }
    }
    if nests {
        Err(unterminated(rest))
    } else {
        Ok(rest.len())
    }
}

/// The length of `$tag$ … $tag$`; none where no tag is.
fn dollar_quoted(rest: &str) -> Result<Option<usize>> {
    let inner = rest.get(1..).unwrap_or_default();
    let named = inner
        .bytes()
        .take_while(|byte| *byte != b'$' && is_word(*byte));
    let tag_length = named.count() + 2;
    let Some(tag) = rest.get(..tag_length).filter(|tag| tag.ends_with('$')) else {
        return Ok(None);
    };
    let content = rest.get(tag_length..).unwrap_or_default();
    let end = content.find(tag).ok_or_else(|| unterminated(rest))?;
    Ok(Some(tag_length + end + tag_length))
}

/// The beginning of what has no end, short enough for an error.
fn unterminated(rest: &str) -> Error {
    const SHOWN_CHARS: usize = 20;
    let beginning: String = rest.chars().take(SHOWN_CHARS).collect();
    Error::invalid("a quote or a comment in SQL has no end").about(beginning)
}
