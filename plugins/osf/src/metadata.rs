//! What is known of a project, in the service's terms. It comes as an RO-Crate, or as an object
//! with the service's fields at its top, which the connector before this one took as well.

#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::{Map, Value};
use tenon_ro_crate::{Crate, Entity};
use tenon_sdk::{Error, Result};

/// What a project can be.
const CATEGORIES: [&str; 10] = [
    "analysis",
    "communication",
    "data",
    "hypothesis",
    "instrumentation",
    "methods and measures",
    "procedure",
    "project",
    "software",
    "other",
];

/// Where a crate has the category: under a term of RDS, or under its bare name where the context
/// does not know the term.
const CATEGORY: [&str; 2] = [
    "https://www.research-data-services.org/jsonld/osfcategory",
    "osfcategory",
];

/// The attributes of a project that a caller can set. What is absent is left as it is.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
}

impl Attributes {
    pub(crate) fn parse(metadata: Option<&str>) -> Result<Self> {
        let Some(text) = metadata else {
            return Ok(Self::default());
        };
        let value: Value = serde_json::from_str(text)
            .map_err(|error| wrong(&format!("not JSON: {error}"), "metadata"))?;
        if Crate::is_crate(&value) {
            let document =
                Crate::parse(text).map_err(|error| wrong(&error.to_string(), "metadata"))?;
            return Self::of_crate(document.root());
        }
        match value {
            Value::Null => Ok(Self::default()),
            Value::Object(fields) => Self::of_fields(&fields),
            _ => Err(wrong("neither an RO-Crate nor an object", "metadata")),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn of_crate(root: Entity<'_>) -> Result<Self> {
        let lines = |name: &str| -> Vec<_> { root.texts(name).filter_map(one_line).collect() };
        let first = |names: [&str; 2]| names.iter().find_map(|name| lines(name).into_iter().next());
        let mut tags = lines("tags");
        if tags.is_empty() {
            // A crate may have all its keywords in one text.
            let keywords = lines("keywords");
            let keywords = keywords.iter().flat_map(|text| text.split(','));
            tags = keywords.filter_map(one_line).collect();
        }
        let description = lines("description").join(" ");
        Ok(Self {
            title: first(["title", "name"]),
            category: first(CATEGORY)
                .map(|text| category("osfcategory", text))
                .transpose()?,
            description: one_line(&description),
            tags: (!tags.is_empty()).then_some(tags),
        })
    }

    fn of_fields(fields: &Map<String, Value>) -> Result<Self> {
        let text = |key: &str| match fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(one_line(text)),
            Some(_) => Err(wrong("not a text", key)),
        };
        let tags = match fields.get("tags") {
            None | Some(Value::Null) => None,
            Some(Value::Array(tags)) => Some(
                tags.iter()
                    .map(|tag| {
                        tag.as_str()
                            .ok_or_else(|| wrong("not a list of texts", "tags"))
                    })
                    .filter_map(|tag| tag.map(one_line).transpose())
                    .collect::<Result<_>>()?,
            ),
            Some(_) => return Err(wrong("not a list of texts", "tags")),
        };
        Ok(Self {
            title: text("title")?,
            category: text("osf_category")?
                .map(|text| category("osf_category", text))
                .transpose()?,
            description: text("description")?,
            tags,
        })
    }
}

fn category(key: &str, text: String) -> Result<String> {
    if CATEGORIES.contains(&text.as_str()) {
        return Ok(text);
    }
    let rule = format!("not one of {}", CATEGORIES.join(", "));
    Err(wrong(&rule, key))
}

/// The service shows each of these fields on one line. Blank is as good as absent.
fn one_line(text: &str) -> Option<String> {
    let line = text
        .split(['\r', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

fn wrong(rule: &str, field: &str) -> Error {
    Error::invalid(format!("the metadata is wrong: {rule}")).about(field)
}
