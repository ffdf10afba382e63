//! Where the service is. Its answers are full of links, and every one of them would be followed
//! with the caller's credential; so a link counts only where it leads to what is configured.

use tenon_sdk::{Error, Result, config};

use crate::id::Id;

const API_DEFAULT: &str = "https://api.test.osf.io/v2";
const FILES_DEFAULT: &str = "https://files.us.test.osf.io";

/// The configured addresses, none of them with a `/` at its end.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    api: String,
    /// One for each region that projects may be stored in.
    files: Vec<String>,
}

impl Addresses {
    pub(crate) fn from_config() -> Result<Self> {
        let api = config::get("api_url").unwrap_or_else(|| API_DEFAULT.to_owned());
        let files = config::get("files_url").unwrap_or_else(|| FILES_DEFAULT.to_owned());
        let files = match serde_json::from_str::<Vec<String>>(&files) {
            Ok(several) => several,
            Err(_) => vec![files],
        };
        Ok(Self {
            api: base("api_url", &api)?,
            files: files
                .iter()
                .map(|url| base("files_url", url))
                .collect::<Result<_>>()?,
        })
    }

    /// An address of the API. `path` is made of checked parts and ends with `/` or a query.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}/{path}", self.api)
    }

    /// What of the API a link leads to; an error where it leads elsewhere.
    pub(crate) fn within_api<'a>(&self, link: &'a str) -> Result<&'a str> {
        link.strip_prefix(&self.api)
            .and_then(|rest| rest.strip_prefix('/'))
            .filter(|rest| is_plain(rest))
            .ok_or_else(|| leads_elsewhere(link))
    }

    /// The root folder of a project's own storage: the configured one that `link` leads to.
    pub(crate) fn storage(&self, project: &Id, link: &str) -> Result<String> {
        let bare = link.split('?').next().unwrap_or_default();
        self.files
            .iter()
            .map(|files| format!("{files}/v1/resources/{project}/providers/osfstorage/"))
            .find(|root| root == bare)
            .ok_or_else(|| leads_elsewhere(link))
    }
}

/// Whether a text can stand in a URL behind the host, without leading up or ending it.
pub(crate) fn is_plain(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or_default();
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"#\\".contains(&byte))
        && !path.split('/').any(|segment| matches!(segment, "." | ".."))
}

fn base(key: &str, url: &str) -> Result<String> {
    let bare = url.trim_end_matches('/');
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| bare.strip_prefix(scheme));
    match host {
        Some(host)
            if !host.is_empty()
                && is_plain(host)
                && !host.contains(['@', '?'])
                && !host.starts_with('/') =>
        {
            Ok(bare.to_owned())
        }
        _ => Err(Error::invalid(
            "a configuration key is wrong: not an absolute http or https URL without query",
        )
        .about(key)),
    }
}

/// The query stays out of it: a view-only link has its key there.
pub(crate) fn leads_elsewhere(link: &str) -> Error {
    let bare = link.split(['?', '#']).next().unwrap_or_default();
    Error::unavailable("the system gave a link that leads out of the configured addresses")
        .about(bare)
}

#[cfg(test)]
mod tests {
    use tenon_sdk::{Kind, native::Environment};

    use super::*;

    fn addresses(files: &str) -> Result<Addresses> {
        Environment::builder()
            .config("api_url", "https://api.example/v2/")
            .config("files_url", files)
            .build()
            .enter(Addresses::from_config)
    }

    #[test]
    fn only_links_within_the_api_count() {
        let addresses = addresses("https://files.example").unwrap();
        assert_eq!(
            addresses.within_api("https://api.example/v2/nodes/?page=2"),
            Ok("nodes/?page=2")
        );
        for link in [
            "http://api.example/v2/nodes/",
            "https://api.example.evil/v2/nodes/",
            "https://api.example@evil/v2/nodes/",
            "https://api.example/v20/nodes/",
            "https://api.example/v2",
            "https://api.example/v2/../admin/",
            "https://api.example/v2/a b",
            "https://api.example/v2/a\r\nb",
            "//api.example/v2/nodes/",
            "/v2/nodes/",
            "",
        ] {
            let error = addresses.within_api(link).unwrap_err();
            assert_eq!(error.kind(), Kind::Unavailable, "{link:?}");
        }
    }

    #[test]
    fn a_projects_storage_is_one_of_the_configured_regions() {
        let addresses = addresses(r#"["https://us.example", "https://de.example/"]"#).unwrap();
        let project = Id::new("abcde").unwrap();
        for region in ["us", "de"] {
            let root = format!("https://{region}.example/v1/resources/abcde/providers/osfstorage/");
            assert_eq!(addresses.storage(&project, &root), Ok(root.clone()));
            let with_query = format!("{root}?kind=file");
            assert_eq!(addresses.storage(&project, &with_query), Ok(root));
        }
        for link in [
            "https://fr.example/v1/resources/abcde/providers/osfstorage/",
            "https://us.example/v1/resources/other/providers/osfstorage/",
            "https://us.example/v1/resources/abcde/providers/s3/",
            "https://us.example/v1/resources/abcde/providers/osfstorage",
            "",
        ] {
            assert!(addresses.storage(&project, link).is_err(), "{link:?}");
        }
    }

    #[test]
    fn a_base_that_is_none_is_refused_by_its_key() {
        for url in [
            "ftp://files.example",
            "https://",
            "https:///v2",
            "https://user@files.example",
            "https://files.example/?x",
            "[]x",
        ] {
            let error = addresses(url).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid, "{url}");
            assert_eq!(error.subject(), Some("files_url"), "{url}");
        }
    }

    #[test]
    fn the_test_instance_is_the_default() {
        let addresses = Environment::builder().build().enter(Addresses::from_config);
        assert_eq!(
            addresses.unwrap().api("nodes/"),
            "https://api.test.osf.io/v2/nodes/"
        );
    }
}
