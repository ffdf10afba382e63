//! `msg_broker.message_fields`, later `message.fields`, and what else is said
//! of messages. sqAPI contract, sections 4 and 6.

use super::draft::Draft;
use super::field::{Field, Mapping};
use super::tree::Value;

/// The fields sqAPI reads, with the keys its first messages have.
const FIELDS: [(&str, &str); 5] = [
    ("uuid", "uuid_ref"),
    ("type", "data_type"),
    ("metadata", "metadata"),
    ("data_location", "data_location"),
    ("meta_location", "meta_location"),
];

pub(super) fn translate(broker: &mut Mapping<'_>, message: &mut Mapping<'_>, draft: &mut Draft) {
    let first = broker.take("message_fields");
    if let Some(fields) = message.take("fields").or(first) {
        translate_fields(fields, draft);
    }
    if let Some(mime) = message.take("mime").and_then(Field::mapping) {
        translate_mime(mime, draft);
    }
    if let Some(parser) = message.take("parser").and_then(Field::mapping) {
        translate_parser(parser, draft);
    }
}

fn translate_fields(fields: Field<'_>, draft: &mut Draft) {
    let mut required = Vec::new();
    let is_list = matches!(fields.value, Value::List(_));
    if is_list {
        // The oldest form names the keys that must be there.
        let keys: Vec<_> = fields.items().into_iter().filter_map(Field::text).collect();
        for (name, key) in FIELDS {
            let listed = keys.iter().find(|listed| listed.text == key);
            draft.set(&format!("message.fields.{name}.key"), key);
            let path = format!("message.fields.{name}.required");
            match listed {
                Some(listed) => draft.set_from(&path, true, &listed.origin),
                None => draft.set(&path, false),
            }
        }
        let is_known = |key: &str| FIELDS.iter().any(|(_, known)| *known == key);
        let others = keys.into_iter().filter(|key| !is_known(&key.text));
        required.extend(others.map(|key| key.text));
    } else if let Some(mut fields) = fields.mapping() {
        for (name, _) in FIELDS {
            // What has no key is called as the field is.
            let field = fields.take(name).and_then(read_field);
            let (key, is_required) = field.unwrap_or((None, false));
            let path = format!("message.fields.{name}");
            draft.set(&format!("{path}.required"), is_required);
            draft.set(&format!("{path}.key"), name);
            draft.set_text(&format!("{path}.key"), key);
        }
        for (name, field) in fields.take_all() {
            if let Some((key, true)) = read_field(field) {
                required.push(key.map_or(name, |key| key.text));
            }
        }
    }
    if !required.is_empty() {
        draft.set("message.required", required);
    }
}

/// A field's key, and whether it must be there.
fn read_field(field: Field<'_>) -> Option<(Option<super::field::Scalar>, bool)> {
    if let Value::Text { .. } = field.value {
        return Some((field.text(), false));
    }
    let mut field = field.mapping()?;
    let key = field.take("key").and_then(Field::text);
    let required = field.take("required").and_then(Field::boolean);
    Some((key, required.unwrap_or_default()))
}

fn translate_mime(mut mime: Mapping<'_>, draft: &mut Draft) {
    let separator = mime.take("path_separator").and_then(Field::text);
    let separator = separator.map_or_else(|| ".".to_owned(), |it| it.text);
    let Some(path) = mime.take("path").and_then(Field::text) else {
        return;
    };
    let keys = match separator.as_str() {
        "" => vec![path.text.clone()],
        separator => path.text.split(separator).map(str::to_owned).collect(),
    };
    let keys: Vec<_> = keys.into_iter().filter(|key| !key.is_empty()).collect();
    draft.set_from("message.mime.path", keys, &path.origin);
}

fn translate_parser(mut parser: Mapping<'_>, draft: &mut Draft) {
    let kind = parser.take("type").and_then(Field::text);
    let delimiter = parser.take("delimiter").and_then(Field::text);
    let format = parser.take("format");
    let Some(kind) = kind else {
        return;
    };
    match kind.text.as_str() {
        "json" => draft.set_from("message.parser", "json", &kind.origin),
        "string" => {
            let between = delimiter.as_ref().map_or("|", |it| it.text.as_str());
            let format = format.map(|format| keys(format, between));
            draft.set_from(
                "message.parser.format",
                format.unwrap_or_default(),
                &kind.origin,
            );
            draft.set_text("message.parser.delimiter", delimiter);
        }
        other => kind.problem(
            parser.reading,
            format_args!("`{other}` is no type of parser; there are `json` and `string`"),
        ),
    }
}

/// Keys in a list, or between delimiters.
fn keys(format: Field<'_>, delimiter: &str) -> Vec<String> {
    if matches!(format.value, Value::List(_)) {
        let items = format.items().into_iter();
        return items.filter_map(Field::text).map(|key| key.text).collect();
    }
    let Some(format) = format.text() else {
        return Vec::new();
    };
    match delimiter {
        "" => vec![format.text],
        delimiter => format.text.split(delimiter).map(str::to_owned).collect(),
    }
}
