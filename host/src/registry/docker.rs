//! Credentials that `docker login` and its like have stored, as far as they
//! stand in the file itself.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde::Deserialize;

use super::Credentials;
use super::reference::registry_name;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    auth: Option<String>,
}

/// The credentials for a registry in a `config.json`. Those that a helper
/// program keeps are not asked for; a missing file has none.
///
/// # Errors
///
/// What is wrong with the file, which is never quoted.
pub fn credentials(file: &Path, registry: &str) -> Result<Option<Credentials>, String> {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    let parsed: File = serde_json::from_slice(&text)
        .map_err(|_| format!("{}: not the JSON that docker writes", file.display()))?;
    let matches = |(key, entry): (String, Entry)| {
        (name(&key).as_deref() == Some(registry)).then_some(entry.auth)
    };
    let found = parsed.auths.into_iter().find_map(matches).flatten();
    let Some(auth) = found.filter(|auth| !auth.is_empty()) else {
        return Ok(None);
    };
    let decoded = STANDARD.decode(&auth).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_ref().and_then(|text| text.split_once(':'));
    let (username, password) = pair.ok_or_else(|| {
        let file = file.display();
        format!("{file}: the entry for {registry} is no user name and password")
    })?;
    Ok(Some(Credentials {
        username: username.to_owned(),
        password: SecretString::from(password.trim_end_matches('\0').to_owned()),
    }))
}

/// Keys are hosts, or addresses such as `https://index.docker.io/v1/`.
fn name(key: &str) -> Option<String> {
    let key = key.strip_prefix("https://").unwrap_or(key);
    let key = key.strip_prefix("http://").unwrap_or(key);
    registry_name(key.split('/').next()?)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    /// `alice:pa:ss` in the file that docker writes.
    const FILE: &str = r#"{"auths": {
        "a.example": {"auth": "YWxpY2U6cGE6c3M="},
        "https://index.docker.io/v1/": {"auth": "YWxpY2U6cGE6c3M="},
        "helped.example": {},
        "broken.example": {"auth": "!"}
    }, "credsStore": "desktop"}"#;

    fn found(text: &str, registry: &str) -> Result<Option<(String, String)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.json");
        std::fs::write(&file, text).unwrap();
        let found = credentials(&file, registry)?;
        Ok(found.map(|found| {
            let password = found.password.expose_secret().to_owned();
            (found.username, password)
        }))
    }

    #[test]
    fn reads_what_docker_wrote() {
        let alice = Some(("alice".to_owned(), "pa:ss".to_owned()));
        assert_eq!(found(FILE, "a.example").unwrap(), alice);
        assert_eq!(found(FILE, "docker.io").unwrap(), alice);
        assert_eq!(found(FILE, "helped.example").unwrap(), None);
        assert_eq!(found(FILE, "other.example").unwrap(), None);
        assert_eq!(found("{}", "a.example").unwrap(), None);
        assert_eq!(
            credentials(Path::new("/nowhere"), "a").unwrap().map(drop),
            None
        );
    }

    #[test]
    fn never_quotes_the_file() {
        for (text, registry) in [(FILE, "broken.example"), ("tok3n", "a.example")] {
            let error = found(text, registry).unwrap_err();
            assert!(!error.contains("tok3n") && !error.contains('!'), "{error}");
        }
    }
}
