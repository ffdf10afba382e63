//! `[message]` of a pipeline: how a message is read. sqAPI contract, sections
//! 4 and 6.

use crate::config::source::{Entry, Section};
use crate::frontend::sqapi::settings::{Field, Fields, MimeSource, Parser, Parsing};

/// What stands between fields unless told otherwise.
const DELIMITER: &str = "|";

/// What the section says.
pub(super) struct Message {
    pub(super) parsing: Parsing,
    pub(super) mime: MimeSource,
}

/// Without a metadata store, nothing has to say where metadata is.
pub(super) fn read(section: Option<Section<'_>>, has_meta_store: bool) -> Message {
    let mut section = section;
    let fields = section.as_mut().and_then(|it| it.section("fields"));
    let mut fields = fields_of(fields, has_meta_store);
    let mut message = Message {
        parsing: Parsing {
            parser: Parser::Json,
            fields: fields.clone(),
        },
        mime: MimeSource {
            path: Vec::new(),
            guess: true,
        },
    };
    let Some(mut section) = section else {
        return message;
    };
    fields.required = texts(section.take("required"));
    message.parsing.fields = fields;
    message.parsing.parser = parser(&mut section).unwrap_or_default();
    if let Some(mut mime) = section.section("mime") {
        message.mime.path = texts(mime.take("path"));
        message.mime.guess = mime.get("guess").unwrap_or(true);
    }
    message
}

fn fields_of(section: Option<Section<'_>>, has_meta_store: bool) -> Fields {
    let mut section = section;
    let mut field = |name, known| {
        let entry = section.as_mut().and_then(|section| section.take(name));
        field(entry, known)
    };
    let known = Fields::default();
    Fields {
        uuid: field("uuid", known.uuid),
        media_type: field("type", known.media_type),
        metadata: field("metadata", known.metadata),
        data_location: field("data_location", known.data_location),
        meta_location: field(
            "meta_location",
            Field {
                required: has_meta_store,
                ..known.meta_location
            },
        ),
        required: known.required,
    }
}

/// A key, or a key and whether it is required.
fn field(entry: Option<Entry<'_>>, known: Field) -> Field {
    let mut field = known;
    let Some(entry) = entry else {
        return field;
    };
    if !entry.value().is_table() || entry.is_reference() {
        field.key = entry.text().unwrap_or(field.key);
        return field;
    }
    if let Some(mut section) = entry.section() {
        field.key = section.text("key").unwrap_or(field.key);
        let required = section.take("required").and_then(Entry::boolean);
        field.required = required.unwrap_or(field.required);
    }
    field
}

/// `"json"`, or a table with the order of the fields.
fn parser(section: &mut Section<'_>) -> Option<Parser> {
    let entry = section.take("parser")?;
    let place = entry.place.clone();
    if !entry.value().is_table() || entry.is_reference() {
        return match entry.text()?.as_str() {
            "json" => Some(Parser::Json),
            other => {
                place.problem(format_args!(
                    "`{other}` is neither `json` nor a table with `format`"
                ));
                None
            }
        };
    }
    let mut section = entry.section()?;
    section.require("format");
    let format = texts(section.take("format"));
    let delimiter = section.text("delimiter");
    let delimiter = delimiter.unwrap_or_else(|| DELIMITER.to_owned());
    if delimiter.is_empty() {
        section.below("delimiter").problem("empty");
    }
    Some(Parser::Delimited { format, delimiter })
}

fn texts(entry: Option<Entry<'_>>) -> Vec<String> {
    let items = entry.map(Entry::items).unwrap_or_default();
    items.into_iter().filter_map(Entry::text).collect()
}
