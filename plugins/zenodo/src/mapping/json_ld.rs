//! Zenodo's metadata in the words that Sciebo RDS reads. Both mappings share this direction.

use serde_json::{Map, Value};

const SCHEMA_ORG: &str = "https://schema.org/";
const RDS: &str = "https://www.research-data-services.org/jsonld/";

/// Zenodo's metadata as JSON with whole IRIs for keys. Metadata that lacks a type or creators comes
/// back as it is, as from the original.
pub(crate) fn to_json_ld(metadata: &Value) -> Map<String, Value> {
    let Some(metadata) = metadata.as_object() else {
        return Map::new();
    };
    translate(metadata).unwrap_or_else(|| metadata.clone())
}

fn translate(metadata: &Map<String, Value>) -> Option<Map<String, Value>> {
    let kind = metadata.get("upload_type")?;
    let creators = metadata.get("creators")?.as_array()?;
    let mut translated = Map::new();
    let mut put = |base: &str, name: &str, value: Option<Value>| {
        if let Some(value) = value {
            translated.insert(format!("{base}{name}"), value);
        }
    };
    let creators: Option<Vec<Value>> = creators
        .iter()
        .map(|creator| creator.as_object().map(translate_creator))
        .collect();
    put(SCHEMA_ORG, "creator", Some(creators?.into()));
    put(RDS, "zenodocategory", category(metadata, kind));

    let member = |name: &str| metadata.get(name).cloned();
    put(SCHEMA_ORG, "name", member("title"));
    put(SCHEMA_ORG, "description", member("description"));
    put(SCHEMA_ORG, "datePublished", member("publication_date"));
    put(SCHEMA_ORG, "license", member("license"));

    let reserved = |name: &str| metadata.get("prereserve_doi")?.get(name).cloned();
    put(RDS, "doi", reserved("doi"));
    put(SCHEMA_ORG, "identifier", reserved("recid"));

    let public = metadata
        .get("access_right")
        .is_none_or(|right| right == "open");
    put(SCHEMA_ORG, "publicAccess", Some(public.into()));
    Some(translated)
}

fn translate_creator(creator: &Map<String, Value>) -> Value {
    ["name", "affiliation"]
        .into_iter()
        .filter_map(|name| Some((format!("{SCHEMA_ORG}{name}"), creator.get(name)?.clone())))
        .collect::<Map<_, _>>()
        .into()
}

/// `poster`, or `publication/thesis`.
fn category(metadata: &Map<String, Value>, kind: &Value) -> Option<Value> {
    let subtype = kind
        .as_str()
        .and_then(|kind| Some((kind, metadata.get(&format!("{kind}_type"))?.as_str()?)));
    match subtype {
        Some((kind, subtype)) => Some(format!("{kind}/{subtype}").into()),
        None => Some(kind.clone()).filter(|kind| !kind.is_null()),
    }
}
