//! Makes a document safe for the JSON-LD parser: bounded depth, one context, numbers as their author
//! wrote them.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{Error, context};

/// Levels of nested objects and lists. A crate is flat and needs five; the parser recurses, and a
/// plugin has little stack.
pub(crate) const DEPTH_MAX: usize = 24;

/// Values in a document. Ten thousand entities have a hundred thousand; each takes dozens of bytes
/// of a sandbox's memory, however few it took in the text.
pub(crate) const VALUES_MAX: usize = 500_000;

/// How many terms a term may be defined through. A term and its prefix are two; the parser recurses
/// here too.
const CHAIN_MAX: usize = 8;

const CONTEXT: &str = "@context";

/// The same document as the parser wants it. Its size must have been checked.
pub(crate) fn prepare(json: &str) -> Result<String, Error> {
    let document: Value =
        serde_json::from_str(json).map_err(|error| Error::Json(error.to_string()))?;
    let Value::Object(mut document) = document else {
        return Err(Error::NoObject);
    };
    for (key, value) in &mut document {
        if key != CONTEXT {
            prepare_value(value)?;
        }
    }
    let context = document
        .entry(CONTEXT)
        .or_insert_with(|| context::DEFAULT.into());
    check_context(context)?;
    Ok(Value::Object(document).to_string())
}

/// Counts brackets and commas outside of strings, before anything is parsed: even a JSON parser
/// may recurse, and keeps all that it reads.
pub(crate) fn check_size(json: &str) -> Result<(), Error> {
    let (mut depth, mut values) = (0_usize, 1_usize);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(Error::TooDeep);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => {
                values += 1;
                if values > VALUES_MAX {
                    return Err(Error::TooManyValues);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Goes past the quotation mark that ends a string.
fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => _ = bytes.next(),
            _ => {}
        }
    }
}

/// Numbers become text, since JSON-LD would turn `1.0` into `1` and `1.5` into `1.5E0`. A context
/// for a part of the document is refused: RO-Crate knows none, and each costs a copy of all terms.
fn prepare_value(value: &mut Value) -> Result<(), Error> {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().try_for_each(prepare_value)?,
        Value::Object(members) => {
            if members.contains_key(CONTEXT) {
                return Err(Error::InnerContext);
            }
            members.values_mut().try_for_each(prepare_value)?;
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
    Ok(())
}

fn check_context(context: &Value) -> Result<(), Error> {
    match context {
        Value::String(url) if !context::is_known(url) => Err(Error::UnknownContext(url.clone())),
        Value::Array(contexts) => contexts.iter().try_for_each(check_context),
        Value::Object(terms) => {
            if let Some(Value::String(url)) = terms.get("@import")
                && !context::is_known(url)
            {
                return Err(Error::UnknownContext(url.clone()));
            }
            for (term, definition) in terms {
                if definition.get(CONTEXT).is_some() {
                    return Err(Error::InnerContext);
                }
                if definition.get("@container").is_some_and(holds_graphs) {
                    return Err(Error::GraphContainer(term.clone()));
                }
            }
            check_chains(terms)
        }
        // Whatever else there is, the parser knows what to say.
        _ => Ok(()),
    }
}

/// A list in such a container makes the parser panic, and a flat crate has no graphs in its values.
fn holds_graphs(container: &Value) -> bool {
    match container {
        Value::Array(kinds) => kinds.iter().any(holds_graphs),
        kind => kind == "@graph",
    }
}

/// Resolves in each round the terms whose parts are resolved, as the parser will by recursion.
fn check_chains(terms: &Map<String, Value>) -> Result<(), Error> {
    let mut open: HashSet<&str> = terms.keys().map(String::as_str).collect();
    for _ in 0..CHAIN_MAX {
        let blocked: HashSet<&str> = terms
            .iter()
            .filter(|(term, definition)| {
                open.contains(term.as_str()) && depends_on(term, definition, &open)
            })
            .map(|(term, _)| term.as_str())
            .collect();
        if blocked.is_empty() {
            return Ok(());
        }
        open = blocked;
    }
    // The least, so that the same document gets the same message.
    Err(Error::ContextChain(
        open.into_iter().min().unwrap_or_default().to_owned(),
    ))
}

fn depends_on(term: &str, definition: &Value, open: &HashSet<&str>) -> bool {
    let prefix_is_open = |text: &str| {
        text.split_once(':')
            .is_some_and(|(prefix, _)| prefix != term && open.contains(prefix))
    };
    let is_open = |text: &str| (text != term && open.contains(text)) || prefix_is_open(text);
    prefix_is_open(term)
        || match definition {
            Value::String(text) => is_open(text),
            Value::Object(parts) => parts.values().filter_map(Value::as_str).any(is_open),
            _ => false,
        }
}
