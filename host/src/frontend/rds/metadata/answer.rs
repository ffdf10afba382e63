//! Projects and files as the contract writes them.

use serde_json::{Map, Value, json};

use crate::dispatch::repository::{File, Object, Project};

/// What a value takes in memory besides its text, roughly.
const VALUE_BYTES: usize = 16;

/// `{projectId, metadata}`.
pub(super) fn project(project: Project, wanted: Option<&Object>) -> Value {
    json!({
        "projectId": project.id,
        "metadata": only(project.metadata, wanted),
    })
}

/// The metadata that was asked for: a filter's keys are the names wanted. No
/// filter, or one without keys, asks for everything.
pub(super) fn only(metadata: Object, wanted: Option<&Object>) -> Object {
    match wanted.filter(|wanted| !wanted.is_empty()) {
        Some(wanted) => metadata
            .into_iter()
            .filter(|(name, _)| wanted.contains_key(name))
            .collect(),
        None => metadata,
    }
}

/// What the repository says of a file, with the contract's members over it.
pub(super) fn file(file: File) -> Value {
    let mut members: Map<_, _> = file.details;
    members.insert("id".to_owned(), file.id.into());
    members.insert("filename".to_owned(), file.name.into());
    if let Some(size) = file.size {
        members.insert("size".to_owned(), size.into());
    }
    Value::Object(members)
}

/// About how many bytes an object takes.
pub(super) fn bytes(object: &Object) -> usize {
    let members = object.iter();
    members
        .map(|(name, value)| name.len() + value_bytes(value))
        .sum()
}

fn value_bytes(value: &Value) -> usize {
    VALUE_BYTES
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(value_bytes).sum(),
            Value::Object(members) => bytes(members),
        }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Object, bytes, file, only};
    use crate::dispatch::repository::File;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_filter_names_what_is_wanted() {
        let metadata = object(json!({ "title": "T", "date": "2024", "deep": { "title": 1 } }));
        for (wanted, left) in [
            (
                json!({ "title": "", "other": null }),
                json!({ "title": "T" }),
            ),
            (json!({ "other": 1 }), json!({})),
            (json!({}), Value::Object(metadata.clone())),
        ] {
            let found = only(metadata.clone(), Some(&object(wanted)));
            assert_eq!(Value::Object(found), left);
        }
        assert_eq!(only(metadata.clone(), None), metadata);
    }

    #[test]
    fn the_contracts_members_win() {
        let described = |size| {
            file(File {
                id: "7".to_owned(),
                name: "sub/a.txt".to_owned(),
                size,
                details: object(json!({ "id": 9, "filename": "x", "size": 1, "checksum": "c" })),
            })
        };
        assert_eq!(
            described(Some(5)),
            json!({ "id": "7", "filename": "sub/a.txt", "size": 5, "checksum": "c" })
        );
        assert_eq!(described(None)["size"], 1);
    }

    #[test]
    fn an_object_weighs_what_it_holds() {
        let light = bytes(&object(json!({ "a": 1 })));
        let heavy = bytes(&object(json!({ "a": [{ "b": "x".repeat(1000) }] })));
        assert_eq!(light, 17);
        assert!((1000..1100).contains(&heavy));
    }
}
