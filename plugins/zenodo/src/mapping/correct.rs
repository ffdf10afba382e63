//! The members of Zenodo's metadata, each from what the root data entity says.

use serde_json::{Map, Value, json};
use tenon_ro_crate::{Crate, Entity, Value as Property};
use tenon_sdk::{Error, Result};

use super::{Depositor, agent, category, date, language, license, related};

/// Members that only Zenodo's own metadata has.
const ZENODOS_OWN: [&str; 3] = ["title", "upload_type", "creators"];

/// The metadata for a document of any kind.
pub(super) fn map(document: Value, depositor: &Depositor<'_>) -> Result<Map<String, Value>> {
    let mut metadata = match document {
        Value::Null => Map::new(),
        Value::Object(members) => read(members)?,
        _ => return Err(Error::invalid("the metadata is neither an object nor null")),
    };
    fill(&mut metadata, depositor);
    Ok(metadata)
}

fn read(members: Map<String, Value>) -> Result<Map<String, Value>> {
    if members.contains_key("@graph") {
        read_crate(&Value::Object(members))
    } else if ZENODOS_OWN.iter().any(|own| members.contains_key(*own)) {
        Ok(members)
    } else {
        read_crate(&around(members))
    }
}

/// A crate of nothing but this root.
fn around(mut root: Map<String, Value>) -> Value {
    let context = root.remove("@context");
    root.insert("@id".to_owned(), "./".into());
    root.entry("@type").or_insert_with(|| "Dataset".into());
    let mut document = json!({"@graph": [
        {"@id": "ro-crate-metadata.json", "http://schema.org/about": {"@id": "./"}},
        root
    ]});
    if let (Some(context), Some(document)) = (context, document.as_object_mut()) {
        document.insert("@context".to_owned(), context);
    }
    document
}

fn read_crate(document: &Value) -> Result<Map<String, Value>> {
    let parsed =
        Crate::parse(&document.to_string()).map_err(|error| Error::invalid(error.to_string()))?;
    let root = parsed.root();
    let mut metadata = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            metadata.insert(name.to_owned(), value);
        }
    };
    put("title", text(root, "name").map(Value::from));
    put("description", description(root).map(Value::from));
    put("publication_date", date::published(root).map(Value::from));
    put("creators", list(agent::creators(root)));
    put("contributors", list(agent::contributors(root)));
    put("keywords", list(keywords(root)));
    put("access_right", access_right(root).map(Value::from));
    put("version", text(root, "version").map(Value::from));
    put("language", language::of(root).map(Value::from));
    put("related_identifiers", list(related::identifiers(root)));
    let license = license::of(root);
    put("license", license.id.map(Value::from));
    put("notes", license.notes.map(Value::from));
    if let Some(category) = category::of(root) {
        let subtype = format!("{}_type", category.kind);
        put(&subtype, category.subtype.map(Value::from));
        put("upload_type", Some(category.kind.into()));
    }
    Ok(metadata)
}

/// What Zenodo publishes nothing without.
fn fill(metadata: &mut Map<String, Value>, depositor: &Depositor<'_>) {
    let today = depositor.today;
    let mut default = |name: &str, value: Value| {
        metadata.entry(name).or_insert(value);
    };
    default("title", format!("Upload from ScieboRDS - {today}").into());
    default(
        "description",
        format!("Uploaded from ScieboRDS - {today}").into(),
    );
    default("publication_date", today.to_string().into());
    default("upload_type", category::OTHER.into());
    let name = depositor.name().unwrap_or("Unknown");
    default("creators", json!([{"name": name}]));
}

/// The first text of a property that is more than blanks.
pub(super) fn text<'a>(entity: Entity<'a>, property: &str) -> Option<&'a str> {
    entity
        .texts(property)
        .map(str::trim)
        .find(|text| !text.is_empty())
}

/// A list with something in it.
fn list(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then(|| items.into())
}

fn description(root: Entity<'_>) -> Option<String> {
    let texts: Vec<&str> = root
        .texts("description")
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    let text = texts.join("\n").replace("\r\n", "\n").replace('\r', "\n");
    let mut html = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        html.push_str(line);
        if let Some(next) = lines.peek() {
            let between_tags = line.trim_end().ends_with('>') && next.trim_start().starts_with('<');
            html.push_str(if between_tags { "\n" } else { "<br>" });
        }
    }
    (!html.is_empty()).then_some(html)
}

/// A list of keywords, or a single text with commas.
fn keywords(root: Entity<'_>) -> Vec<Value> {
    let given: Vec<&str> = root
        .values("keywords")
        .filter_map(|value| match value {
            Property::Text(text) => Some(text),
            Property::Entity(term) => text(term, "name"),
            Property::Reference(_) => None,
        })
        .collect();
    let split = match given.as_slice() {
        [one] => one.split(',').collect(),
        _ => given,
    };
    let mut keywords: Vec<Value> = Vec::new();
    for keyword in split {
        let keyword = Value::from(keyword.trim());
        if keyword != "" && !keywords.contains(&keyword) {
            keywords.push(keyword);
        }
    }
    keywords
}

/// What the connector itself returns as `publicAccess` comes back as the same right. Restricted
/// access would need conditions that no crate has.
fn access_right(root: Entity<'_>) -> Option<&'static str> {
    match text(root, "publicAccess")? {
        "true" => Some("open"),
        "false" => Some("closed"),
        _ => None,
    }
}
