//! `${VAR}` in a plain scalar. sqAPI contract, section 4.3: a scalar with one
//! is expanded as Python's `os.path.expandvars` does it, and is a text
//! whatever comes of it.

use crate::config::reading::Environment;

/// A scalar with what its variables hold.
pub(super) struct Expanded {
    pub(super) text: String,
    /// The variable that is all of it, and set.
    pub(super) variable: Option<String>,
}

/// `None` for a scalar without `${NAME}`, which is not expanded.
pub(super) fn expand(text: &str, environment: Environment<'_>) -> Option<Expanded> {
    let begins = text.find("${")?;
    text.get(begins + 2..)?
        .find('}')
        .filter(|length| *length > 0)?;
    let mut expanded = String::new();
    let mut rest = text;
    let mut variable = None;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let Some((name, length)) = name(after) else {
            expanded.push('$');
            rest = after;
            continue;
        };
        let written = after.get(..length).unwrap_or_default();
        match environment(name) {
            Some(value) => {
                expanded.push_str(&value);
                let is_all = text.len() == length + 1;
                variable = is_all.then(|| name.to_owned());
            }
            // What is not set stays as it is.
            None => {
                expanded.push('$');
                expanded.push_str(written);
            }
        }
        rest = after.get(length..).unwrap_or_default();
    }
    expanded.push_str(rest);
    Some(Expanded {
        text: expanded,
        variable,
    })
}

/// The name after a `$`, and how many bytes it takes.
fn name(after: &str) -> Option<(&str, usize)> {
    if let Some(braced) = after.strip_prefix('{') {
        let name = braced.split_once('}')?.0;
        return Some((name, name.len() + 2));
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = after.find(|c| !is_word(c)).unwrap_or(after.len());
    let name = after.get(..end).filter(|name| !name.is_empty())?;
    Some((name, end))
}
