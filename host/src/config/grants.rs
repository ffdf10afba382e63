//! `[grants]` of a connector: everything its plugin may reach.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use ipnet::IpNet;
use toml::de::DeValue;
use url::Url;

use super::host::Host;
use super::secret::secret;
use super::source::{Entry, Section, kind};
use crate::capability::files::{self, Access, Root};
use crate::capability::http::{self, AddressPolicy, Origin};
use crate::capability::secret::{self, CALLER, Secret, Template, USER};
use crate::capability::{Grants, Io, scratch};
use crate::plugin::manifest::Granted;

/// Reads `[grants]`, and what it grants anything of, broken entries included:
/// one mistake should not show up a second time as a missing grant.
pub(super) fn read(section: Option<Section<'_>>, host: Option<&Host>) -> (Grants, Granted) {
    let mut grants = Grants::default();
    let mut present = Granted::default();
    let Some(mut section) = section else {
        return (grants, present);
    };
    grants.secrets.reveal_caller = section.get("reveal_caller").unwrap_or_default();
    let secrets = section.sections("secrets");
    present.secrets = !secrets.is_empty() || grants.secrets.reveal_caller;
    for secret in secrets {
        add_secret(secret, &mut grants.secrets);
    }
    let http = section.sections("http");
    present.http = !http.is_empty();
    let mut origins = Vec::new();
    for origin in http {
        let (grant, credentials) = http_grant(origin, &grants.secrets);
        present.secrets |= credentials;
        origins.extend(grant);
    }
    if let Some(host) = host {
        let client = http::Grants::new(origins, &host.http);
        grants.http = section.place.check(client).unwrap_or_default();
    }
    let files = section.sections("files");
    present.files = !files.is_empty();
    for root in files {
        add_root(root, &mut grants.files);
    }
    if let Some(mut scratch) = section.section("scratch") {
        present.scratch = true;
        scratch.require("bytes_max");
        let directory = host.map(|host| host.scratch.clone()).unwrap_or_default();
        let bytes_max = scratch.count("bytes_max");
        grants.scratch = bytes_max.map(|bytes_max| scratch::Grant {
            bytes_max,
            directory,
        });
    }
    (grants, present)
}

fn add_secret(mut section: Section<'_>, grants: &mut secret::Grants) {
    let name = name(&mut section, |name| match name {
        CALLER | USER => Err("stands for the caller in every connector"),
        _ if grants.secrets.contains_key(name) => Err("granted twice"),
        _ => Ok(()),
    });
    let reveal = section.get("reveal").unwrap_or_default();
    let Some(value) = section.take("value") else {
        section.missing("value");
        return;
    };
    let value = secret(value);
    // A secret that cannot be had is known all the same, so that templates
    // which use it are not reported as well.
    if let Some(name) = name {
        let value = value.unwrap_or_default();
        grants.secrets.insert(name, Secret { value, reveal });
    }
}

fn add_root(mut section: Section<'_>, grants: &mut files::Grants) {
    let name = name(&mut section, |name| match grants.0.contains_key(name) {
        true => Err("granted twice"),
        false => Ok(()),
    });
    let access = section.choice("access", |text| match text {
        "read-only" => Some(Access::ReadOnly),
        "read-write" => Some(Access::ReadWrite),
        _ => None,
    });
    let io = section.choice("io", |text| match text {
        "inline" => Some(Io::Inline),
        "offload" => Some(Io::Offload),
        _ => None,
    });
    let create = section.get("create").unwrap_or_default();
    let Some(entry) = section.take("path") else {
        section.missing("path");
        return;
    };
    let place = entry.place.clone();
    let Some(path) = entry.text().map(|path| place.reading.path(&path)) else {
        return;
    };
    let open = if create { Root::create } else { Root::open };
    let root = open(&path, access.unwrap_or_default(), io.unwrap_or_default());
    let root = place.check(root.map_err(|error| format!("{}: {error}", path.display())));
    // A folder that was made anew is another one, whatever its name.
    if let Ok(metadata) = path.metadata() {
        let identity = format!("{} {}", metadata.dev(), metadata.ino());
        place.reading.note("folder", identity);
    }
    if let (Some(name), Some(root)) = (name, root) {
        grants.0.insert(name, root);
    }
}

/// One origin, and whether it takes credentials.
fn http_grant(mut section: Section<'_>, secrets: &secret::Grants) -> (Option<http::Grant>, bool) {
    let mut templates = BTreeMap::new();
    if let Some(mut section) = section.section("credentials") {
        for (name, entry) in section.take_all() {
            templates.extend(template(entry, secrets).map(|template| (name, template)));
        }
    }
    let takes_credentials = !templates.is_empty();
    let addresses = section.take("addresses").and_then(addresses);
    let Some(entry) = section.take("origin") else {
        section.missing("origin");
        return (None, takes_credentials);
    };
    let grant = origin(entry).map(|origin| http::Grant {
        origin,
        addresses: addresses.unwrap_or_default(),
        credentials: templates,
    });
    (grant, takes_credentials)
}

fn origin(entry: Entry<'_>) -> Option<Origin> {
    let place = entry.place.clone();
    let from_environment = entry.is_reference();
    let text = entry.text()?;
    // The variable that holds a service's base address serves as its grant,
    // too; only a literal is expected to end with host or port.
    let text = match Url::parse(&text) {
        Ok(url) if from_environment => url.origin().ascii_serialization(),
        _ => text,
    };
    place.check(text.parse())
}

fn addresses(entry: Entry<'_>) -> Option<AddressPolicy> {
    match entry.value() {
        DeValue::Array(_) => {
            let networks = entry.items().into_iter().map(|item| {
                let place = item.place.clone();
                place.check(item.text()?.parse::<IpNet>())
            });
            networks.collect::<Option<_>>().map(AddressPolicy::Networks)
        }
        DeValue::String(_) => {
            let place = entry.place.clone();
            match entry.text()?.as_str() {
                "public" => Some(AddressPolicy::Public),
                "any" => Some(AddressPolicy::Any),
                _ => {
                    place.problem("expected `public`, `any` or a list of networks");
                    None
                }
            }
        }
        other => {
            let found = kind(other);
            entry.place.problem(format_args!(
                "expected `public`, `any` or a list of networks, not {found}"
            ));
            None
        }
    }
}

fn template(entry: Entry<'_>, secrets: &secret::Grants) -> Option<Template> {
    let place = entry.place.clone();
    let template: Template = place.check(entry.parse::<String>()?.parse())?;
    for name in template.credentials() {
        if name != CALLER && !secrets.secrets.contains_key(name) {
            place.problem(format_args!(
                "`{{{name}}}` is neither `caller`, `user` nor a granted secret"
            ));
        }
    }
    Some(template)
}

/// The name of a secret or root.
fn name(
    section: &mut Section<'_>,
    check: impl Fn(&str) -> Result<(), &'static str>,
) -> Option<String> {
    let Some(entry) = section.take("name") else {
        section.missing("name");
        return None;
    };
    let place = entry.place.clone();
    let name: String = entry.parse()?;
    let checked = match name.as_str() {
        "" => Err("empty"),
        name => check(name),
    };
    place.check(checked.map_err(|why| format!("`{name}`: {why}")))?;
    Some(name)
}
