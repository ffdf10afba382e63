//! What a host that demands signatures activates out of a registry, and what
//! it refuses while the running version serves on.

use std::fs;
use std::path::Path;

use serde_json::json;
use tenon_tests::client::Answer;
use tenon_tests::life::{self, CONNECTOR, Life};
use tenon_tests::registry::{Key, Registry, Signature, digest};
use tenon_tests::version::version;
use tenon_tests::wait;

use super::Shell;
use super::refusals::copy_signatures;

const REPOSITORY: &str = "team/versions";
/// Signed as it should be.
const GOOD: u16 = 2;
/// The numbers of those that are not, which are also their tags.
const UNSIGNED: u16 = 3;
const WRONGLY_SIGNED: u16 = 4;
const RE_TAGGED: u16 = 5;
const TRUNCATED: u16 = 6;

const REFUSALS: [(u16, &str); 4] = [
    (UNSIGNED, "unsigned"),
    (WRONGLY_SIGNED, "wrong-signature"),
    (RE_TAGGED, "re-tagged"),
    (TRUNCATED, "truncated"),
];

fn reference(registry: &Registry, number: u16) -> String {
    format!(
        "oci://{}",
        registry.reference(&format!("{REPOSITORY}:{number}"))
    )
}

/// A registry with one good version and four bad ones.
async fn stocked(shell: &Shell, key: &Key) -> Registry {
    let registry = Registry::start().await;
    let mut manifests = Vec::new();
    for number in GOOD..=TRUNCATED {
        let file = shell.write("version.wasm", version(number).bytes);
        let pushed = shell.push(&file, &reference(&registry, number), &[&"--plain-http"]);
        manifests.push(pushed.manifest());
    }
    let says = Signature::default;
    let tag = |number: u16| number.to_string();
    for number in [GOOD, TRUNCATED] {
        registry.sign(REPOSITORY, &tag(number), key, says()).await;
    }
    let stranger = Key::new();
    let wrong = tag(WRONGLY_SIGNED);
    registry.sign(REPOSITORY, &wrong, &stranger, says()).await;
    let of = |number: u16| (REPOSITORY, &*manifests[usize::from(number - GOOD)]);
    copy_signatures(&registry, of(GOOD), of(RE_TAGGED)).await;
    let bytes = version(TRUNCATED).bytes;
    let stored = registry.stored(&digest(&bytes));
    let stored = fs::OpenOptions::new().write(true).open(stored).unwrap();
    stored.set_len(bytes.len() as u64 / 2).unwrap();
    registry
}

/// A host that runs version 1 and takes from the registry what this key has
/// signed.
async fn strict(registry: &Registry, key: &Path) -> Life {
    let tables = format!(
        "[[registries]]\nhost = '{}'\nplain_http = true\n\
         [[signatures]]\nscope = '*'\nrequired = true\n\
         [[signatures.keys]]\nname = 'release'\nfile = '{}'\n",
        registry.address,
        key.display()
    );
    let life = Life::resume(life::setup(&version(1)).host(&tables)).await;
    life.runs(&version(1)).await;
    life
}

async fn activate(life: &Life, reference: &str) -> Answer {
    life.operator.activate(CONNECTOR, reference).await
}

#[tokio::test]
async fn only_what_is_signed_is_activated_from_a_registry() {
    let (shell, key) = (Shell::new(), Key::new());
    let registry = stocked(&shell, &key).await;
    let life = strict(&registry, &key.public()).await;
    for (number, code) in REFUSALS {
        let after = life.operator.latest().await;
        let refused = activate(&life, &reference(&registry, number)).await;
        assert_eq!(refused.status, 422, "{code}: {}", refused.text());
        assert_eq!(refused.json()["code"], code, "{}", refused.text());
        life.still_runs(&version(1)).await;
        let events = life.operator.events(after).await;
        let event = events.iter().find(|event| event.detail["code"] == code);
        let event = event.unwrap_or_else(|| panic!("{code}: {events:?}"));
        assert_eq!(
            (&*event.action, &*event.actor),
            ("admission-refused", life::OPERATOR)
        );
    }
    let done = activate(&life, &reference(&registry, GOOD)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    life.still_runs(&version(GOOD)).await;
    let digest = version(GOOD).digest;
    let admitted = life.operator.event(0, &digest, &["admitted"]).await;
    assert_eq!(admitted.detail["signed_by"], "release");
}

/// The connector's file names the artifact: the same policy, and no operator.
#[tokio::test]
async fn nor_is_it_where_a_connector_names_the_artifact() {
    let (shell, key) = (Shell::new(), Key::new());
    let registry = stocked(&shell, &key).await;
    let life = strict(&registry, &key.public()).await;
    let file = format!("connectors/{CONNECTOR}.toml");
    let name = |number: u16| {
        let text = format!("plugin = '{}'\n", reference(&registry, number));
        life.host.setup.write(&file, text);
    };
    for (number, code) in REFUSALS {
        let after = life.operator.latest().await;
        name(number);
        wait::until(code, async || {
            let events = life.operator.events(after).await;
            let refused = |event: &tenon_tests::operator::Event| {
                event.action == "activation-refused" && event.detail["code"] == code
            };
            events.iter().any(refused).then_some(())
        })
        .await;
        life.still_runs(&version(1)).await;
    }
    name(GOOD);
    life.runs(&version(GOOD)).await;
    let history = format!("/connectors/{CONNECTOR}/history");
    let history = life.operator.get(&history).await.json();
    let digests: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|past| &past["digest"])
        .collect();
    assert_eq!(
        json!(digests),
        json!([version(GOOD).digest, version(1).digest])
    );
}
