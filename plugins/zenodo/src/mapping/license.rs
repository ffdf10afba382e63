//! Zenodo's ids of licenses, which are SPDX's in lower case.

use tenon_ro_crate::{Entity, Value as Property};

/// Ids that a plain text may name, with other names for them. An address at spdx.org may name any.
const NAMES: [(&str, &[&str]); 30] = [
    ("afl-3.0", &[]),
    ("agpl-3.0-only", &[]),
    ("agpl-3.0-or-later", &[]),
    (
        "apache-2.0",
        &[
            "apache-license-2.0",
            "apache-license,-version-2.0",
            "apache-license-version-2.0",
        ],
    ),
    ("artistic-2.0", &[]),
    ("bsd-2-clause", &[]),
    ("bsd-3-clause", &[]),
    ("bsl-1.0", &[]),
    (
        "cc0-1.0",
        &[
            "cc0",
            "cc-0",
            "cc-zero",
            "cc0-1.0-universal",
            "creative-commons-zero-v1.0-universal",
        ],
    ),
    ("cecill-2.1", &[]),
    ("cern-ohl-p-2.0", &[]),
    ("ecl-2.0", &[]),
    ("epl-2.0", &[]),
    ("eupl-1.2", &[]),
    ("gfdl-1.3-only", &[]),
    ("gfdl-1.3-or-later", &[]),
    ("gpl-2.0-only", &[]),
    ("gpl-2.0-or-later", &["gpl-2.0+"]),
    ("gpl-3.0-only", &[]),
    ("gpl-3.0-or-later", &["gpl-3.0+"]),
    ("isc", &["isc-license"]),
    ("lgpl-2.1-only", &[]),
    ("lgpl-2.1-or-later", &["lgpl-2.1+"]),
    ("lgpl-3.0-only", &[]),
    ("lgpl-3.0-or-later", &["lgpl-3.0+"]),
    ("mit", &["mit-license", "the-mit-license"]),
    ("mpl-2.0", &["mozilla-public-license-2.0"]),
    ("odbl-1.0", &[]),
    ("odc-by-1.0", &[]),
    ("pddl-1.0", &[]),
];

/// The parts of Creative Commons' full names.
const CREATIVE_COMMONS: [(&str, &str); 7] = [
    ("attribution", "by"),
    ("noncommercial", "nc"),
    ("non-commercial", "nc"),
    ("noderivatives", "nd"),
    ("no-derivatives", "nd"),
    ("sharealike", "sa"),
    ("share-alike", "sa"),
];

/// What becomes of a crate's licenses.
#[derive(Default)]
pub(super) struct License {
    pub(super) id: Option<String>,
    /// Licenses that are not in `id`.
    pub(super) notes: Option<String>,
}

/// Zenodo takes one license: the first it knows.
pub(super) fn of(root: Entity<'_>) -> License {
    let mut license = License::default();
    let mut others = Vec::new();
    for value in root.values("license") {
        let (id, text) = match value {
            Property::Text(text) | Property::Reference(text) => (id(text), text),
            Property::Entity(entity) => (id_of(entity), entity.text("name").unwrap_or(entity.id())),
        };
        match id {
            Some(id) if license.id.is_none() => license.id = Some(id),
            Some(id) if license.id.as_ref() == Some(&id) => {}
            _ if text.trim().is_empty() => {}
            _ => others.push(format!("License: {}", text.trim())),
        }
    }
    if !others.is_empty() {
        license.notes = Some(others.join("<br>"));
    }
    license
}

/// An entity is the license that its id or its address is; only then its name counts.
fn id_of(entity: Entity<'_>) -> Option<String> {
    id(entity.id()).or_else(|| {
        ["identifier", "url", "sameAs", "name"]
            .iter()
            .find_map(|property| {
                entity.values(property).find_map(|value| match value {
                    Property::Text(text) | Property::Reference(text) => id(text),
                    Property::Entity(entity) => id(entity.id()),
                })
            })
    })
}

fn id(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    match text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    {
        Some(address) => from_address(address.strip_prefix("www.").unwrap_or(address)),
        None => from_name(&text),
    }
}

fn from_address(address: &str) -> Option<String> {
    let address = address.split(['?', '#']).next()?.trim_end_matches('/');
    let (host, path) = address.split_once('/')?;
    let last = path.rsplit('/').next()?;
    let last = [".html", ".json", ".txt", ".rdf", ".jsonld"]
        .iter()
        .find_map(|ending| last.strip_suffix(ending))
        .unwrap_or(last);
    match host {
        "spdx.org" => {
            let is_id = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
            (path.starts_with("licenses/") && last.bytes().all(is_id)).then(|| last.to_owned())
        }
        "creativecommons.org" => {
            // `licenses/by/4.0`, then a country or a page: `de`, `legalcode.de`, `deed.en`.
            let mut parts = path.split('/');
            let (area, kind, version) = (parts.next()?, parts.next()?, parts.next()?);
            match (area, kind) {
                ("licenses", kind) => {
                    let country = parts
                        .next()
                        .filter(|part| part.len() == 2)
                        .map_or_else(String::new, |country| format!("-{country}"));
                    creative_commons(&format!("cc-{kind}-{version}{country}"))
                }
                ("publicdomain", "zero") => Some("cc0-1.0".to_owned()),
                _ => None,
            }
        }
        "opensource.org" | "choosealicense.com" => from_name(last),
        "apache.org" => (last == "license-2.0").then(|| "apache-2.0".to_owned()),
        "mozilla.org" => path.contains("mpl/2.0").then(|| "mpl-2.0".to_owned()),
        "opendatacommons.org" => {
            let id = |part: &str, id: &str| path.contains(part).then(|| id.to_owned());
            id("odbl", "odbl-1.0")
                .or_else(|| id("pddl", "pddl-1.0"))
                .or_else(|| id("licenses/by", "odc-by-1.0"))
        }
        _ => None,
    }
}

/// A name in lower case.
fn from_name(name: &str) -> Option<String> {
    let name: Vec<&str> = name
        .split([' ', '_', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let name = name.join("-");
    NAMES
        .iter()
        .find(|(id, names)| *id == name || names.contains(&name.as_str()))
        .map(|(id, _)| (*id).to_owned())
        .or_else(|| creative_commons(&name))
        .or_else(|| {
            // `creative-commons-attribution-sharealike-4.0-international`
            let full = name.strip_prefix("creative-commons-")?;
            let mut short = full.split("-(").next()?.to_owned();
            for (long, part) in CREATIVE_COMMONS {
                short = short.replace(long, part);
            }
            creative_commons(&format!("cc-{short}"))
        })
}

/// `cc-by-4.0` and its kin, with a country perhaps. Without a version it is no license in particular.
fn creative_commons(name: &str) -> Option<String> {
    let rest = name.strip_prefix("cc-")?;
    let rest = rest.trim_end_matches("-international");
    let kind = ["by-nc-sa", "by-nc-nd", "by-nc", "by-nd", "by-sa", "by"]
        .into_iter()
        .find(|kind| {
            rest.strip_prefix(kind)
                .is_some_and(|rest| rest.starts_with('-'))
        })?;
    let mut parts = rest.strip_prefix(kind)?.strip_prefix('-')?.split('-');
    let version = parts.next()?;
    let country = parts.next();
    let is_version = ["1.0", "2.0", "2.1", "2.5", "3.0", "4.0"].contains(&version);
    let is_country = country.is_none_or(|country| {
        country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    (is_version && is_country && parts.next().is_none()).then(|| format!("cc-{rest}"))
}
