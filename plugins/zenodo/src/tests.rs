//! The plugin, run natively, against a fake that holds it to Zenodo's contract, and where the fake
//! is too decent against a server that answers what it is told to.

mod failures;
mod files;
mod form;
mod projects;
mod publish;
mod scripted;
mod upload;

use serde_json::{Value, json};
use tenon_fakes::zenodo::{Deposit as Kept, Operation, Zenodo as Fake};
use tenon_sdk::{
    Kind,
    native::{Collected, Environment},
};

use super::*;

const TOKEN: &str = "t0ken-of-alice";

struct Fixture {
    fake: Fake,
    environment: Environment,
}

impl Fixture {
    fn new() -> Self {
        let fake = Fake::start();
        fake.add_user(TOKEN);
        let environment = environment(&fake.origin(), TOKEN);
        Self { fake, environment }
    }

    fn run<T>(&self, f: impl FnOnce(&Zenodo) -> Result<T>) -> Result<T> {
        self.environment.enter(|| f(&Zenodo::new()?))
    }

    /// A deposit with nothing in it.
    fn created(&self) -> String {
        self.run(|zenodo| zenodo.create_project(None)).unwrap().id
    }

    /// A deposit that can be published.
    fn complete(&self) -> String {
        let id = self.run(|zenodo| zenodo.create_project(Some(&document("A title"))));
        let id = id.unwrap().id;
        self.add(&id, "a.txt", b"hello").unwrap();
        id
    }

    fn add(&self, id: &str, name: &str, content: &'static [u8]) -> Result<DepositedFile> {
        let mut content = Reader::from_bytes(content);
        let size = content.remaining();
        self.run(|zenodo| zenodo.add_file(id, &Path::new(name)?, size, &mut content))
    }

    fn read(&self, id: &str, file: &str) -> Result<Collected> {
        let mut collected = Collected::default();
        self.run(|zenodo| zenodo.read_file(id, file, Sink::to(&mut collected)))?;
        Ok(collected)
    }

    fn files(&self, id: &str) -> Vec<DepositedFile> {
        let request = PageRequest {
            after: None,
            max: 1000,
        };
        let page = self.run(|zenodo| zenodo.list_files(id, request)).unwrap();
        assert_eq!(page.next, None);
        page.items
    }

    fn kept(&self, id: &str) -> Kept {
        self.fake.deposit(id.parse().unwrap())
    }

    /// The requests since the fake had seen `before`.
    fn lines(&self, before: usize) -> Vec<String> {
        let calls = self.fake.calls().into_iter().skip(before);
        calls.map(|call| call.operation).collect()
    }
}

fn environment(url: &str, token: &str) -> Environment {
    Environment::builder()
        .config("base_url", url)
        .credential("caller", token, "Bearer {caller}")
        .user("alice@cloud.example")
        .build()
}

/// An RO-Crate with all that Zenodo demands.
fn document(title: &str) -> String {
    json!({
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": title,
                "description": "What it is about",
                "datePublished": "2024-01-02",
                "creator": [{"@id": "#doe"}],
            },
            {"@id": "#doe", "@type": "Person", "name": "Doe, J"},
        ],
    })
    .to_string()
}

fn object(json: &str) -> Value {
    let value: Value = serde_json::from_str(json).unwrap();
    assert!(value.is_object(), "{json}");
    value
}

#[test]
fn the_configuration_is_checked() {
    let new = |key: &str, value: &str| {
        let environment = Environment::builder().config(key, value).build();
        environment.enter(Zenodo::new)
    };
    assert_eq!(
        Environment::builder()
            .build()
            .enter(Zenodo::new)
            .unwrap()
            .client
            .deposits(),
        "https://sandbox.zenodo.org/api/deposit/depositions"
    );
    let client = new("base_url", "http://a.example/zenodo/").unwrap().client;
    assert_eq!(
        client.deposits(),
        "http://a.example/zenodo/api/deposit/depositions"
    );
    assert_eq!(
        new("mapping", "compatible").unwrap().mapping,
        Mapping::Compatible
    );
    for (key, value) in [
        ("mapping", "both"),
        ("base_url", "zenodo.org"),
        ("base_url", "https://zenodo.org/?x"),
        ("base_url", "https://a:b@zenodo.org/"),
    ] {
        let error = new(key, value).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{value}");
    }
    object(&Zenodo::describe().config_schema);
}

#[test]
fn a_check_needs_no_caller() {
    let fixture = Fixture::new();
    let check = |url: &str| {
        let environment = Environment::builder().config("base_url", url).build();
        environment.enter(|| Zenodo::new()?.check())
    };
    check(&fixture.fake.origin()).unwrap();
    fixture.fake.fail_call(2, tenon_fakes::Fault::Status(503));
    for url in [&*fixture.fake.origin(), "http://127.0.0.1:1"] {
        assert_eq!(check(url).unwrap_err().kind(), Kind::Unavailable, "{url}");
    }
}

/// A call without a credential ends before anything is sent.
#[test]
fn no_call_goes_out_without_a_credential() {
    let fixture = Fixture::new();
    let environment = Environment::builder()
        .config("base_url", fixture.fake.origin())
        .build();
    let publish = environment.enter(|| Zenodo::new()?.publish_project("1"));
    assert_eq!(publish.unwrap_err().kind(), Kind::Unauthenticated);
    assert!(fixture.fake.calls().is_empty());
}

#[test]
fn only_digits_are_an_id() {
    let fixture = Fixture::new();
    for id in [
        "",
        "x",
        "-1",
        "1/files",
        "1?",
        "..",
        "%31",
        "1\r\nx: y",
        "\u{661}",
        "12345678901234567890",
    ] {
        let page = || PageRequest {
            after: None,
            max: 9,
        };
        let errors = [
            fixture.run(|zenodo| zenodo.get_project(id)).err(),
            fixture.run(|zenodo| zenodo.update_project(id, None)).err(),
            fixture.run(|zenodo| zenodo.publish_project(id)).err(),
            fixture.run(|zenodo| zenodo.delete_project(id)).err(),
            fixture.run(|zenodo| zenodo.list_files(id, page())).err(),
            fixture.add(id, "a", b"").err(),
            fixture.read(id, "a").err(),
            fixture.run(|zenodo| zenodo.delete_file(id, "a")).err(),
            fixture.run(|zenodo| zenodo.delete_files(id)).err(),
        ];
        for error in errors {
            assert_eq!(error.unwrap().kind(), Kind::NotFound, "{id}");
        }
    }
    assert!(fixture.fake.calls().is_empty());
}
