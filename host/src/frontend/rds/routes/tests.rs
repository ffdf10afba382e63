use std::sync::Arc;

use super::{Conflict, Options, Route, Routes, Table, default_host};

fn route(id: &str, hosts: &[&str]) -> Route {
    Route {
        connector: id.parse().unwrap(),
        hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
        options: Options::default(),
    }
}

fn table() -> Arc<Table> {
    Routes::new(vec![
        route("port-disk", &["layer1-port-disk", "Disk.Example"]),
        route("zenodo", &["layer1-port-zenodo"]),
        route("acme/port-disk", &["layer1-acme-disk"]),
    ])
    .unwrap()
    .load()
}

fn id(route: Option<Arc<Route>>) -> Option<String> {
    route.map(|route| route.connector.to_string())
}

#[test]
fn a_host_leads_to_one_connector() {
    for (host, expected) in [
        ("layer1-port-disk", Some("port-disk")),
        ("layer1-port-disk:80", Some("port-disk")),
        ("LAYER1-Port-Disk.:8080", Some("port-disk")),
        ("disk.example", Some("port-disk")),
        ("layer1-port-zenodo", Some("zenodo")),
        ("layer1-acme-disk", Some("acme/port-disk")),
        ("layer1-zenodo", None),
        ("localhost:8080", None),
        ("[::1]:8080", None),
        ("no host", None),
        ("", None),
    ] {
        assert_eq!(id(table().by_host(host)).as_deref(), expected, "{host}");
    }
}

#[test]
fn a_path_leads_to_one_connector() {
    for (path, expected) in [
        ("port-disk/storage/file", Some(("port-disk", "port-disk"))),
        ("port-disk", Some(("port-disk", "port-disk"))),
        (
            "acme/port-disk/storage/file",
            Some(("acme/port-disk", "acme/port-disk")),
        ),
        ("acme/storage/file", None),
        ("", None),
        ("/port-disk/storage", None),
    ] {
        let table = table();
        let found = table.by_path(path);
        let found = found.map(|(route, used)| (route.connector.to_string(), used));
        let expected = expected.map(|(id, used)| (id.to_owned(), used));
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn a_service_leads_to_one_connector() {
    for (service, expected) in [
        ("port-disk", Some("port-disk")),
        ("port-zenodo", Some("zenodo")),
        ("port-other", None),
        ("port-", None),
        ("", None),
    ] {
        assert_eq!(id(table().by_service(service)).as_deref(), expected);
    }
}

#[test]
fn callers_know_a_connector_by_its_service() {
    for (connector, expected) in [
        ("port-disk", Some("layer1-port-disk")),
        ("zenodo", Some("layer1-port-zenodo")),
        ("acme/port-disk", None),
    ] {
        let host = default_host(&connector.parse().unwrap());
        assert_eq!(host.as_deref(), expected);
    }
}

#[test]
fn every_conflict_is_named() {
    let conflicts = Routes::new(vec![
        route("a", &["shared"]),
        route("b", &["SHARED", "b", "b"]),
        route("a", &["a"]),
    ])
    .unwrap_err();
    let texts: Vec<_> = conflicts.iter().map(Conflict::to_string).collect();
    assert_eq!(
        texts,
        [
            "host `shared` is claimed by `a` and by `b`",
            "connector `a` is claimed by `a` and by `a`",
        ]
    );
}

#[test]
fn a_refused_replacement_changes_nothing() {
    let routes = Routes::new(vec![route("a", &[])]).unwrap();
    let twice = vec![route("b", &[]), route("b", &[])];
    assert!(routes.replace(twice).is_err());
    assert!(routes.load().by_id("a").is_some());
    routes.replace(vec![route("b", &[])]).unwrap();
    assert!(routes.load().by_id("a").is_none());
    assert!(routes.load().by_id("b").is_some());
}

#[test]
fn a_service_is_looked_for_within_a_tenant() {
    for (of, service, expected) in [
        ("zenodo", "port-disk", Some("port-disk")),
        ("zenodo", "Disk", Some("port-disk")),
        ("port-disk", "port-zenodo", Some("zenodo")),
        ("acme/x", "port-disk", Some("acme/port-disk")),
        ("acme/x", "zenodo", None),
        ("zenodo", "acme/port-disk", None),
        ("zenodo", "", None),
    ] {
        let found = table().sibling(&of.parse().unwrap(), service);
        assert_eq!(id(found).as_deref(), expected, "{of} {service}");
    }
}
