//! Deposit metadata, checked as Zenodo's documentation describes it. An error
//! names its field as the service does: `metadata.creators.0.name`.

use serde_json::{Map, Value};

use super::vocabulary;
use crate::date;

/// What is wrong with one field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) message: &'static str,
}

const MISSING: &str = "Missing data for required field.";
const UNKNOWN: &str = "Unknown field name.";
const NOT_TEXT: &str = "Not a valid string.";
const NOT_LIST: &str = "Not a valid list.";
const NOT_OBJECT: &str = "Invalid input type.";
const TOO_SHORT: &str = "Shorter than minimum length 1.";
const NO_CHOICE: &str = "Not a valid choice.";
const NOT_DATE: &str = "Not a valid date.";
const NO_TYPE: &str = "Missing data for required field. Invalid upload, publication or image type.";

/// The optional fields that are plain text.
const TEXTS: &[&str] = &[
    "access_conditions",
    "doi",
    "notes",
    "journal_title",
    "journal_volume",
    "journal_issue",
    "journal_pages",
    "conference_title",
    "conference_acronym",
    "conference_dates",
    "conference_place",
    "conference_url",
    "conference_session",
    "conference_session_part",
    "imprint_publisher",
    "imprint_isbn",
    "imprint_place",
    "partof_title",
    "partof_pages",
    "thesis_university",
    "version",
    "method",
];

/// Everything that is wrong with the metadata of a deposit.
pub(crate) fn check(metadata: &Value) -> Vec<FieldError> {
    let mut errors = Errors::default();
    let Some(fields) = metadata.as_object() else {
        errors.add("", NOT_OBJECT);
        return errors.0;
    };
    required(fields, &mut errors);
    kind(fields, &mut errors);
    access(fields, &mut errors);
    for (name, value) in fields {
        optional(name, value, &mut errors);
    }
    errors.0
}

#[derive(Debug, Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, path: &str, message: &'static str) {
        let field = match path {
            "" => "metadata".to_owned(),
            path => format!("metadata.{path}"),
        };
        self.0.push(FieldError { field, message });
    }

    fn text<'a>(&mut self, path: &str, value: &'a Value) -> Option<&'a str> {
        if !value.is_string() {
            self.add(path, NOT_TEXT);
        }
        value.as_str()
    }

    fn choice(&mut self, path: &str, value: &Value, choices: &[&str]) {
        if let Some(text) = self.text(path, value)
            && !choices.contains(&text)
        {
            self.add(path, NO_CHOICE);
        }
    }

    fn date(&mut self, path: &str, value: &Value) {
        if !value.as_str().is_some_and(date::is_day) {
            self.add(path, NOT_DATE);
        }
    }

    fn list<'a>(&mut self, path: &str, value: &'a Value) -> &'a [Value] {
        match value.as_array() {
            Some(items) => items,
            None => {
                self.add(path, NOT_LIST);
                &[]
            }
        }
    }

    /// The items of a list of objects that have these members: those that are
    /// `required`, and any of `optional`.
    fn objects<'a>(
        &mut self,
        path: &str,
        value: &'a Value,
        required: &[&str],
        optional: &[&str],
    ) -> Vec<(String, &'a Map<String, Value>)> {
        let mut objects = Vec::new();
        for (index, item) in self.list(path, value).iter().enumerate() {
            let path = format!("{path}.{index}");
            let Some(object) = item.as_object() else {
                self.add(&path, NOT_OBJECT);
                continue;
            };
            for name in required {
                if object.get(*name).is_none_or(|value| value == "") {
                    self.add(&format!("{path}.{name}"), MISSING);
                }
            }
            for (name, value) in object {
                let path = format!("{path}.{name}");
                if !required.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
                    self.add(&path, UNKNOWN);
                } else if !["lat", "lon"].contains(&name.as_str()) {
                    self.text(&path, value);
                }
            }
            objects.push((path, object));
        }
        objects
    }

    fn people(&mut self, path: &str, value: &Value, required: &[&str]) {
        let people = self.objects(path, value, required, &["affiliation", "orcid", "gnd"]);
        for (path, person) in people {
            let orcid = person.get("orcid").and_then(Value::as_str);
            if orcid.is_some_and(|orcid| !is_orcid(orcid)) {
                self.add(&format!("{path}.orcid"), "Not a valid ORCID identifier.");
            }
            if let Some(kind) = person.get("type")
                && required.contains(&"type")
            {
                let path = format!("{path}.type");
                self.choice(&path, kind, vocabulary::CONTRIBUTOR_TYPES);
            }
        }
    }
}

fn required(fields: &Map<String, Value>, errors: &mut Errors) {
    for name in ["title", "description"] {
        match fields.get(name) {
            None | Some(Value::Null) => errors.add(name, MISSING),
            Some(value) => {
                if errors.text(name, value) == Some("") {
                    errors.add(name, TOO_SHORT);
                }
            }
        }
    }
    match fields.get("creators") {
        None | Some(Value::Null) => errors.add("creators", MISSING),
        Some(value) => {
            errors.people("creators", value, &["name"]);
            if value.as_array().is_some_and(Vec::is_empty) {
                errors.add("creators", TOO_SHORT);
            }
        }
    }
    if let Some(value) = fields.get("publication_date") {
        errors.date("publication_date", value);
    }
}

fn kind(fields: &Map<String, Value>, errors: &mut Errors) {
    let text = |name| fields.get(name).and_then(Value::as_str);
    let kind = text("upload_type").unwrap_or("");
    if !vocabulary::UPLOAD_TYPES.contains(&kind) {
        errors.add("upload_type", NO_TYPE);
    }
    let subtypes = [
        (
            "publication",
            "publication_type",
            vocabulary::PUBLICATION_TYPES,
        ),
        ("image", "image_type", vocabulary::IMAGE_TYPES),
    ];
    for (of, name, choices) in subtypes {
        match text(name) {
            Some(subtype) if !choices.contains(&subtype) => errors.add(name, NO_CHOICE),
            None if kind == of => errors.add(name, MISSING),
            _ => {}
        }
    }
}

fn access(fields: &Map<String, Value>, errors: &mut Errors) {
    let right = fields.get("access_right");
    if let Some(right) = right {
        errors.choice("access_right", right, vocabulary::ACCESS_RIGHTS);
    }
    let needed = match right.and_then(Value::as_str) {
        Some("embargoed") => "embargo_date",
        Some("restricted") => "access_conditions",
        _ => return,
    };
    if !fields.contains_key(needed) {
        errors.add(needed, MISSING);
    }
}

fn optional(name: &str, value: &Value, errors: &mut Errors) {
    match name {
        "title" | "description" | "creators" | "publication_date" | "upload_type"
        | "publication_type" | "image_type" | "access_right" => {}
        "doi" if value.is_null() => {}
        "prereserve_doi" if value.is_boolean() || value.is_object() => {}
        "license" => {
            if let Some(id) = errors.text(name, value)
                && !vocabulary::is_licence(id)
            {
                errors.add(name, NO_CHOICE);
            }
        }
        "embargo_date" => errors.date(name, value),
        "language" => {
            let three =
                |code: &str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_lowercase());
            if !value.as_str().is_some_and(three) {
                errors.add(name, NO_CHOICE);
            }
        }
        "keywords" | "references" => {
            for (index, item) in errors.list(name, value).iter().enumerate() {
                let path = format!("{name}.{index}");
                if errors.text(&path, item) == Some("") {
                    errors.add(&path, TOO_SHORT);
                }
            }
        }
        "contributors" => errors.people(name, value, &["name", "type"]),
        "thesis_supervisors" => errors.people(name, value, &["name"]),
        "related_identifiers" => {
            let optional = ["resource_type", "scheme"];
            for (path, item) in errors.objects(name, value, &["identifier", "relation"], &optional)
            {
                if let Some(relation) = item.get("relation") {
                    errors.choice(&format!("{path}.relation"), relation, vocabulary::RELATIONS);
                }
            }
        }
        "communities" => drop(errors.objects(name, value, &["identifier"], &[])),
        "grants" => drop(errors.objects(name, value, &["id"], &[])),
        "subjects" => drop(errors.objects(name, value, &["term", "identifier"], &["scheme"])),
        "locations" => {
            drop(errors.objects(name, value, &["place"], &["lat", "lon", "description"]));
        }
        "dates" => {
            let optional = ["start", "end", "description"];
            for (path, item) in errors.objects(name, value, &["type"], &optional) {
                if !item.contains_key("start") && !item.contains_key("end") {
                    errors.add(&path, MISSING);
                }
            }
        }
        name if TEXTS.contains(&name) => drop(errors.text(name, value)),
        name => errors.add(name, UNKNOWN),
    }
}

/// Four groups of four, the last character the checksum of ISO 7064, 11-2.
fn is_orcid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    if groups.len() != 4 || groups.iter().any(|group| group.len() != 4) {
        return false;
    }
    let digits = groups.concat();
    let (number, check) = digits.split_at(15);
    let total = number.chars().try_fold(0, |total, digit| {
        digit.to_digit(10).map(|digit| (total + digit) * 2)
    });
    let expected = total.map(|total| match (12 - total % 11) % 11 {
        10 => "X".to_owned(),
        digit => digit.to_string(),
    });
    expected.as_deref() == Some(check)
}

#[cfg(test)]
mod tests;
