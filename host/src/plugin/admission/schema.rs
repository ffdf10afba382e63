//! The plugin's schema of its configuration. It comes from the plugin and runs
//! in the host, so what could take long or reach out is refused beforehand.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// Ten times what a plugin with many keys takes.
const BYTES_MAX: usize = 64 << 10;
/// Subschemas after every reference is followed. References can double their
/// number at every step.
const EXPANDED_MAX: usize = 10_000;
/// Steps of matching one pattern against one text, and bytes of its program.
const PATTERN_STEPS_MAX: usize = 20_000;
const PATTERN_BYTES_MAX: usize = 1 << 20;
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Keywords that lead elsewhere in ways that cannot be followed by looking.
const FOREIGN: [&str; 4] = ["$id", "$anchor", "$dynamicRef", "$dynamicAnchor"];

/// Reads a schema.
pub(super) fn read(text: &str) -> Result<Value, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("it is longer than {BYTES_MAX} bytes"));
    }
    let schema: Value =
        serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    if let Some(dialect) = schema.get("$schema") {
        let named = dialect.as_str().unwrap_or_default().trim_end_matches('#');
        if named != DIALECT {
            return Err(format!("its `$schema` is not {DIALECT}"));
        }
    }
    if !schema.is_object() && !schema.is_boolean() {
        return Err("it is neither an object nor a truth value".to_owned());
    }
    let mut left = EXPANDED_MAX;
    expand(&schema, &schema, &mut Vec::new(), &mut left)?;
    compile(&schema)?;
    Ok(schema)
}

/// Every violation of a schema that was read.
pub(super) fn check(schema: &Value, config: &Value) -> Vec<String> {
    let validator = match compile(schema) {
        Ok(validator) => validator,
        Err(error) => return vec![format!("the plugin's config-schema: {error}")],
    };
    let told = validator.iter_errors(config).map(|error| {
        let place = error.instance_path().as_str();
        let place = if place.is_empty() { "/" } else { place };
        format!("config `{place}`: {}", error.masked_with("the value"))
    });
    told.collect()
}

fn compile(schema: &Value) -> Result<Validator, String> {
    let patterns = PatternOptions::fancy_regex()
        .backtrack_limit(PATTERN_STEPS_MAX)
        .size_limit(PATTERN_BYTES_MAX);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(patterns)
        .build(schema)
        .map_err(|error| format!("at `{}`: {error}", error.instance_path()))
}

/// Walks a schema with every reference followed, as validation may.
fn expand<'s>(
    root: &'s Value,
    schema: &'s Value,
    followed: &mut Vec<&'s str>,
    left: &mut usize,
) -> Result<(), String> {
    *left = left.checked_sub(1).ok_or_else(|| {
        format!("with its references followed, it has more than {EXPANDED_MAX} parts")
    })?;
    match schema {
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| expand(root, item, followed, left)),
        Value::Object(members) => {
            if let Some(keyword) = FOREIGN.iter().find(|name| members.contains_key(**name)) {
                return Err(format!("`{keyword}` is not allowed here"));
            }
            if let Some(Value::String(reference)) = members.get("$ref") {
                let target = reference.strip_prefix('#');
                let target = target.and_then(|pointer| root.pointer(pointer));
                let target = target.ok_or_else(|| {
                    format!("`$ref` leads to `{reference}`, which is not within the schema")
                })?;
                // Where it comes back to itself, it goes as deep as the configuration does.
                if !followed.contains(&reference.as_str()) {
                    followed.push(reference);
                    expand(root, target, followed, left)?;
                    followed.pop();
                }
            }
            members
                .values()
                .try_for_each(|member| expand(root, member, followed, left))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
