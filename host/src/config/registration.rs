//! `[rds.registration]` of a connector: what RDS and its users are told.
//!
//! Read in any case, so that mistakes show up early; what the environment
//! holds is only required where there is a token storage to tell.

mod file;

use std::collections::BTreeMap;

use toml::de::DeValue;
use url::Url;

use super::claims::Claims;
use super::host::Host;
use super::secret::secret;
use super::source::{Entry, Section};
use crate::frontend::rds::{Archive, LoginForm, OAuth, Registration, TransferMode};

/// The language of a description that names none.
const LANGUAGE: &str = "en";

/// The registration of `service`, if it is to take place.
pub(super) fn read(
    entry: Entry<'_>,
    service: Option<String>,
    host: Option<&Host>,
    claims: &mut Claims,
) -> Option<Registration> {
    let registers = host.is_some_and(|host| host.installation.token_storage.is_some());
    let redirect_uri = host.map_or("", |host| host.redirect_uri.as_str());
    let mut section = entry.optional(!registers).section()?;
    let login = login(&mut section, redirect_uri);
    // The storage tells services apart by nothing but their names.
    let is_own = service
        .as_ref()
        .is_some_and(|service| claims.service(&section.place, service));
    // Charts empty these on purpose: then they are sent empty.
    let display_name = section.take("display_name").and_then(Entry::text_or_empty);
    let service = service.unwrap_or_default();
    let registration = Registration {
        display_name: display_name.unwrap_or_else(|| service.clone()),
        // Known once the plugin has been looked at.
        implements: Vec::new(),
        description: description(&mut section),
        icon: file::icon(&mut section),
        info_url: address(&mut section, "info_url"),
        help_url: address(&mut section, "help_url"),
        metadata_profile: file::profile(&mut section),
        project_link_template: address(&mut section, "project_link_template"),
        file_transfer_mode: transfer_mode(&mut section),
        file_transfer_archive: archive(&mut section),
        service,
        login: login?,
    };
    (registers && is_own).then_some(registration)
}

fn description(section: &mut Section<'_>) -> BTreeMap<String, String> {
    let in_english = |text| BTreeMap::from([(LANGUAGE.to_owned(), text)]);
    let Some(entry) = section.take("description") else {
        return in_english(String::new());
    };
    if !matches!(entry.value(), DeValue::Table(_)) || entry.is_reference() {
        return in_english(entry.text_or_empty().unwrap_or_default());
    }
    let Some(mut languages) = entry.section() else {
        return BTreeMap::new();
    };
    let languages = languages.take_all().into_iter();
    languages
        .filter_map(|(language, entry)| Some((language, entry.text_or_empty()?)))
        .collect()
}

/// An address that people follow; may be empty.
fn address(section: &mut Section<'_>, key: &'static str) -> String {
    let Some(entry) = section.take(key) else {
        return String::new();
    };
    let place = entry.place.clone();
    let text = entry.text_or_empty().unwrap_or_default();
    if !text.is_empty() && web(&text).is_none() {
        place.problem("expected `http://` or `https://` and a host");
    }
    text
}

fn web(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn transfer_mode(section: &mut Section<'_>) -> TransferMode {
    let mode = section.choice("file_transfer_mode", |text| match text {
        "active" => Some(TransferMode::Active),
        "passive" => Some(TransferMode::Passive),
        "passive-with-link" => Some(TransferMode::PassiveWithLink),
        _ => None,
    });
    mode.unwrap_or_default()
}

fn archive(section: &mut Section<'_>) -> Archive {
    let archive = section.choice("file_transfer_archive", |text| match text {
        "none" => Some(Archive::None),
        "zip" => Some(Archive::Zip),
        _ => None,
    });
    archive.unwrap_or_default()
}

/// Left open, the storage would take the service for one with passwords.
fn login(section: &mut Section<'_>, redirect_uri: &str) -> Option<LoginForm> {
    let oauth = section.section("oauth");
    let credentials = section.section("credentials");
    match (oauth, credentials) {
        (Some(section), None) => client(section, redirect_uri).map(LoginForm::OAuth),
        (None, Some(mut section)) => Some(LoginForm::Credentials {
            user_id: section.get("user_id").unwrap_or_default(),
            password: section.get("password").unwrap_or_default(),
        }),
        _ => {
            section
                .place
                .problem("expected either `oauth` or `credentials`");
            None
        }
    }
}

/// An incomplete client would become a service with passwords as well.
fn client(mut section: Section<'_>, redirect_uri: &str) -> Option<OAuth> {
    let authorize_url = endpoint(&mut section, "authorize_url");
    let refresh_url = endpoint(&mut section, "refresh_url");
    let client_id = filled(&mut section, "client_id");
    let client_secret = match section.take("client_secret") {
        Some(entry) => secret(entry),
        None => {
            section.missing("client_secret");
            None
        }
    };
    let client_id = client_id?;
    Some(OAuth {
        authorize_url: OAuth::authorize_url(&authorize_url?, redirect_uri, &client_id),
        refresh_url: refresh_url?,
        client_id,
        client_secret: client_secret?,
    })
}

fn endpoint(section: &mut Section<'_>, key: &'static str) -> Option<String> {
    let place = section.below(key);
    let text = filled(section, key)?;
    if web(&text).is_none() {
        place.problem("expected `http://` or `https://` and a host");
        return None;
    }
    Some(text)
}

fn filled(section: &mut Section<'_>, key: &'static str) -> Option<String> {
    let Some(entry) = section.take(key) else {
        section.missing(key);
        return None;
    };
    let place = entry.place.clone();
    let optional = place.reading.optional;
    let text = entry.text()?;
    if text.is_empty() {
        if !optional {
            place.problem("empty");
        }
        return None;
    }
    Some(text)
}
