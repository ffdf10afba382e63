//! Keystone's catalog: which services there are, and their addresses by region and by who asks.

use serde::Deserialize;

const OBJECT_STORE: &str = "object-store";

/// A service of any kind.
#[derive(Debug, Deserialize)]
pub(super) struct Service {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    interface: String,
    url: String,
    /// Older ones say `region` alone, and both may be null.
    region_id: Option<String>,
    region: Option<String>,
}

/// The address of the object store, of this region if one is named.
pub(super) fn object_store(
    catalog: Vec<Service>,
    interface: &str,
    region: Option<&str>,
) -> Option<String> {
    catalog
        .into_iter()
        .filter(|service| service.kind == OBJECT_STORE)
        .flat_map(|service| service.endpoints)
        .filter(|endpoint| endpoint.interface == interface)
        .find(|endpoint| {
            region.is_none_or(|region| {
                [&endpoint.region_id, &endpoint.region].contains(&&Some(region.to_owned()))
            })
        })
        .map(|endpoint| endpoint.url)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn found(catalog: Value, interface: &str, region: Option<&str>) -> Option<String> {
        object_store(serde_json::from_value(catalog).unwrap(), interface, region)
    }

    #[test]
    fn the_object_store_of_interface_and_region_is_taken() {
        let endpoint = |interface: &str, region: &str| {
            let url = format!("https://{region}.example/{interface}");
            json!({"id": "x", "interface": interface, "url": url, "region_id": region})
        };
        let catalog = json!([
            {"type": "identity", "endpoints": [endpoint("public", "north")]},
            {"type": "object-store", "name": "swift", "endpoints": [
                endpoint("admin", "north"),
                endpoint("public", "north"),
                endpoint("public", "south"),
                {"interface": "internal", "url": "https://old.example", "region": "west"},
            ]},
        ]);
        for (interface, region, expected) in [
            ("public", None, Some("https://north.example/public")),
            (
                "public",
                Some("south"),
                Some("https://south.example/public"),
            ),
            ("admin", None, Some("https://north.example/admin")),
            ("internal", Some("west"), Some("https://old.example")),
            ("admin", Some("south"), None),
            ("public", Some("east"), None),
        ] {
            let url = found(catalog.clone(), interface, region);
            assert_eq!(url.as_deref(), expected, "{interface} {region:?}");
        }
        assert_eq!(found(json!([]), "public", None), None);
    }
}
