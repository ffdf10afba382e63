//! The connector's configuration, read once. The host has checked each key's form against the
//! schema; what is checked here is what one key says of another.

use serde::Deserialize;
use tenon_sdk::{Error, Path, Result, config};

use crate::login::{Identity, Login};

const AUTH_URL: &str = "http://localhost:8080/auth/v1.0";
/// Keystone's own domain, which is there from its installation on.
const DOMAIN: &str = "Default";

/// What a path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// An object's name, which is looked for in one container after the other.
    Search,
    /// A container, and the name of an object in it.
    Path,
}

/// All that is configured but how to log in.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) lookup: Lookup,
    /// In the order in which they are searched; empty for all of the account.
    pub(crate) containers: Vec<String>,
    pub(crate) create_containers: bool,
    /// The account's address, in the place of the one that logging in gives.
    pub(crate) storage_url: Option<String>,
}

impl Settings {
    pub(crate) fn read() -> Result<Self> {
        Ok(Self {
            lookup: match text("lookup").as_deref() {
                None | Some("search") => Lookup::Search,
                Some("path") => Lookup::Path,
                Some(_) => {
                    return Err(Error::invalid("neither `search` nor `path`").about("lookup"));
                }
            },
            containers: containers()?,
            create_containers: config::parse("create_containers")?.unwrap_or(false),
            storage_url: text("storage_url").map(|url| url.trim_end_matches('/').to_owned()),
        })
    }
}

/// How one logs in.
pub(crate) fn login() -> Result<Login> {
    let url = text("auth_url").unwrap_or_else(|| AUTH_URL.to_owned());
    let url = url.trim_end_matches('/').to_owned();
    let user = text("user").ok_or_else(|| missing("user"))?;
    // It becomes a header.
    if user.contains(char::is_control) {
        return Err(Error::invalid("a control character is in the name").about("user"));
    }
    match version(&url)? {
        Version::One => Ok(Login::V1 { url, user }),
        Version::Three => Ok(Login::V3 {
            url,
            identity: Identity {
                user,
                user_domain: text("user_domain_name").unwrap_or_else(|| DOMAIN.to_owned()),
                // A token without a project comes without a catalog of services.
                project: text("project_name").ok_or_else(|| missing("project_name"))?,
                project_domain: text("project_domain_name").unwrap_or_else(|| DOMAIN.to_owned()),
            },
            interface: text("interface").unwrap_or_else(|| "public".to_owned()),
            region: text("region"),
        }),
    }
}

enum Version {
    One,
    Three,
}

/// The version as configured, else as the path of the address says it.
fn version(auth_url: &str) -> Result<Version> {
    let wrong = |reason| Err(Error::invalid(reason).about("auth_version"));
    match text("auth_version").as_deref() {
        Some("1" | "1.0") => return Ok(Version::One),
        Some("3") => return Ok(Version::Three),
        Some(_) => return wrong("only versions 1 and 3 are known"),
        None => {}
    }
    for segment in auth_url.split('/').rev() {
        match segment {
            "v1" | "v1.0" => return Ok(Version::One),
            "v3" => return Ok(Version::Three),
            _ => {}
        }
    }
    wrong("a configuration key is missing, since auth_url names no version")
}

fn containers() -> Result<Vec<String>> {
    /// A container in either notation.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Container {
        Name(String),
        Table { name: String },
    }
    let Some(text) = text("containers") else {
        return Ok(Vec::new());
    };
    let wrong = || Error::invalid("expected a list of containers' names").about("containers");
    let containers: Vec<Container> = serde_json::from_str(&text).map_err(|_| wrong())?;
    let mut names: Vec<String> = Vec::new();
    for Container::Name(name) | Container::Table { name } in containers {
        // Where a container is a folder, its name must be a segment of a path.
        Path::root().child(&name).map_err(|_| wrong())?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// A key's value; one that is empty, as a variable may be, is not there.
fn text(key: &str) -> Option<String> {
    config::get(key).filter(|value| !value.is_empty())
}

fn missing(key: &str) -> Error {
    Error::invalid("a configuration key is missing").about(key)
}
