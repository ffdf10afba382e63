//! `[[registries]]` and `[[signatures]]` of `host.toml`: how registries are
//! reached, and whose signatures their components need.

use super::Catalog;
use crate::config::secret::secret;
use crate::config::source::{Entry, Section};
use crate::registry::{
    Access, Config, Credentials, Policy, RegistryName, Scope, TrustedKey, VerifyingKey,
};

/// The catalog's settings say how large a component may be, and whether one
/// without a signature is of any use.
pub(super) fn read(file: &mut Section<'_>, catalog: Option<&Catalog>, proxies: bool) -> Config {
    let mut config = Config {
        registries: Vec::new(),
        policies: Vec::new(),
        signed_only: catalog.is_some_and(|catalog| catalog.signed_only),
        component_bytes_max: catalog.map_or(0, |catalog| catalog.admission.component_bytes),
        proxies,
    };
    for section in file.sections("registries") {
        add_registry(section, &mut config.registries);
    }
    for section in file.sections("signatures") {
        add_policy(section, &mut config.policies);
    }
    config
}

fn add_registry(mut section: Section<'_>, known: &mut Vec<Access>) {
    section.require("host");
    let place = section.below("host");
    let name = section.form::<RegistryName>("host");
    let credentials = credentials(&mut section);
    let plain_http = section.take("plain_http").and_then(Entry::boolean);
    let plain_http = plain_http.unwrap_or_default();
    if plain_http {
        let place = section.below("ca");
        if section.take("ca").is_some() {
            place.problem("has no use where `plain_http` is true");
        }
    }
    let ca = ca(&mut section).unwrap_or_default();
    let place_of_service = section.below("token_service");
    let token_service = section.form::<url::Url>("token_service");
    let is_safe = |url: &url::Url| plain_http || url.scheme() == "https";
    if !token_service.as_ref().is_none_or(is_safe) {
        place_of_service.problem("expected `https://`: it is sent the password");
    }
    let Some(registry) = name else { return };
    if known.iter().any(|access| access.registry == registry) {
        place.problem(format_args!("`{registry}` stands here twice"));
    }
    known.push(Access {
        registry,
        credentials,
        plain_http,
        ca,
        token_service,
    });
}

fn credentials(section: &mut Section<'_>) -> Option<Credentials> {
    let username = section.take("username");
    let password = section.take("password");
    match (&username, &password) {
        (Some(_), None) => section.missing("password"),
        (None, Some(_)) => section.missing("username"),
        _ => {}
    }
    let username = username.and_then(Entry::text_or_empty);
    let password = password.and_then(secret);
    Some(Credentials {
        username: username?,
        password: password?,
    })
}

fn ca(section: &mut Section<'_>) -> Option<String> {
    let entry = section.take("ca")?;
    let place = entry.place.clone();
    let (path, text) = file(entry)?;
    let parsed = reqwest::Certificate::from_pem_bundle(text.as_bytes());
    if !parsed.is_ok_and(|certificates| !certificates.is_empty()) {
        place.problem(format_args!("{path}: no certificate in PEM"));
    }
    Some(text)
}

fn add_policy(mut section: Section<'_>, known: &mut Vec<Policy>) {
    section.require("scope");
    let place = section.below("scope");
    // An empty one is a mistake, not a policy that was left out.
    let scope = section.text("scope");
    let scope = scope.and_then(|text| place.check(text.parse::<Scope>()));
    let required = section.take("required").and_then(Entry::boolean);
    let keys_place = section.below("keys");
    let sections = section.sections("keys");
    if sections.is_empty() {
        keys_place.problem("expected at least one key");
    }
    let mut keys = Vec::new();
    for section in sections {
        add_key(section, &mut keys);
    }
    let Some(scope) = scope else { return };
    if known.iter().any(|policy| policy.scope == scope) {
        place.problem(format_args!("`{scope}` stands here twice"));
    }
    known.push(Policy {
        scope,
        required: required.unwrap_or(true),
        keys,
    });
}

fn add_key(mut section: Section<'_>, known: &mut Vec<TrustedKey>) {
    section.require("name");
    section.require("file");
    let place = section.below("name");
    let name = section.text("name");
    let file_place = section.below("file");
    let read = section.take("file").and_then(file);
    let key = read.and_then(|(path, text)| {
        let key = VerifyingKey::from_pem(&text);
        file_place.check(key.map_err(|error| format!("{path}: {error}")))
    });
    let (Some(name), Some(key)) = (name, key) else {
        return;
    };
    if known.iter().any(|key| key.name == name) {
        place.problem(format_args!("`{name}` stands here twice"));
    }
    known.push(TrustedKey { name, key });
}

/// The path that an entry names, and the text there.
fn file(entry: Entry<'_>) -> Option<(String, String)> {
    let place = entry.place.clone();
    let path = place.reading.path(&entry.text()?);
    place.reading.watch(path.parent().unwrap_or(&path));
    let shown = path.display().to_string();
    let read = std::fs::read_to_string(&path);
    let text = place.check(read.map_err(|error| format!("{shown}: {error}")))?;
    Some((shown, text))
}
