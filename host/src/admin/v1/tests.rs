use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn document() -> Value {
    let routes = OpenApiRouter::with_openapi(document::about()).nest(PREFIX, routes());
    serde_json::to_value(routes.into_openapi()).unwrap()
}

/// Every method of every path, and what the document says of it.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
    });
    operations.collect()
}

#[test]
fn the_document_has_every_route() {
    let document = document();
    let operations = operations(&document);
    let found: BTreeSet<_> = operations.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "get /admin/v1/connectors",
        "get /admin/v1/connectors/{id}",
        "get /admin/v1/connectors/{id}/history",
        "post /admin/v1/connectors/{id}/activate",
        "post /admin/v1/connectors/{id}/rollback",
        "post /admin/v1/connectors/{id}/approve",
        "post /admin/v1/connectors/{id}/reject",
        "post /admin/v1/connectors/{id}/canary",
        "delete /admin/v1/connectors/{id}/canary",
        "get /admin/v1/components",
        "post /admin/v1/components",
        "get /admin/v1/components/{digest}",
        "post /admin/v1/prune",
        "get /admin/v1/sqapi/failures",
        "post /admin/v1/sqapi/failures/retry",
        "post /admin/v1/sqapi/failures/purge",
        "get /admin/v1/events",
        "get /admin/v1/logs",
        "get /admin/v1/openapi.json",
    ];
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn every_operation_names_its_errors_and_needs_an_operator() {
    let document = document();
    let scheme = &document["components"]["securitySchemes"]["operator"];
    assert_eq!(scheme["type"], "http");
    assert_eq!(scheme["scheme"], "bearer");
    assert_eq!(document["security"][0]["operator"], serde_json::json!([]));
    for (name, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        let mut expected = vec!["401", "403", "429", "500", "503"];
        if name.contains('{') {
            expected.extend(["400", "404"]);
        }
        if operation["requestBody"].is_object() {
            expected.extend(["400", "408", "413", "415"]);
        }
        if !name.starts_with("get") {
            expected.extend(["409", "422"]);
        }
        for status in expected {
            let schema = &responses[status]["content"]["application/problem+json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{name}");
        }
        assert!(responses["200"]["content"].is_object(), "{name}");
        assert!(operation["summary"].is_string(), "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn resolve(document: &Value, part: &Value) {
        if let Some(Value::String(reference)) = part.get("$ref") {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        match part {
            Value::Array(items) => items.iter().for_each(|item| resolve(document, item)),
            Value::Object(members) => members.values().for_each(|item| resolve(document, item)),
            _ => {}
        }
    }
    let document = document();
    resolve(&document, &document);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in [
        "ConnectorStatus",
        "Change",
        "Difference",
        "EventStatus",
        "Rules",
    ] {
        assert!(schemas.contains_key(name), "{name}");
    }
}
