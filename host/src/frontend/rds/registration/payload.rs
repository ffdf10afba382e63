//! What the token storage is told of a service: one plain object, with the
//! contract's names. Which of its kinds a service is, the storage concludes
//! from the members alone.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use crate::frontend::rds::encoding;

/// One connector's service.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The service's name, lower-case and with `port-`.
    pub service: String,
    /// The halves of the contract it offers.
    pub implements: Vec<Part>,
    /// What people read as its name.
    pub display_name: String,
    /// What it is, by language.
    pub description: BTreeMap<String, String>,
    /// A `data:` URL.
    pub icon: Option<String>,
    /// Where people read about it; may be empty.
    pub info_url: String,
    /// Where people find help; may be empty.
    pub help_url: String,
    /// A profile of the metadata editor, in base64.
    pub metadata_profile: Option<String>,
    /// The address of a project, with `${projectId}`; may be empty.
    pub project_link_template: String,
    /// Who fetches or brings the files.
    pub file_transfer_mode: TransferMode,
    /// Whether files come one by one.
    pub file_transfer_archive: Archive,
    /// How its users log in.
    pub login: LoginForm,
}

/// Half of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `/storage`.
    FileStorage,
    /// `/metadata`.
    Metadata,
}

/// Who moves the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransferMode {
    /// RDS brings them.
    #[default]
    Active,
    /// The service fetches them.
    Passive,
    /// The service fetches them, and shows its user a link.
    PassiveWithLink,
}

/// In what files are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Archive {
    /// One by one.
    #[default]
    None,
    /// All in one archive.
    Zip,
}

/// How users log in.
#[derive(Debug, Clone)]
pub enum LoginForm {
    /// With the service itself.
    OAuth(OAuth),
    /// With what RDS asks them for; with neither, they only agree.
    Credentials {
        /// Whether there is a user name.
        user_id: bool,
        /// Whether there is a password.
        password: bool,
    },
}

/// A client of an OAuth 2 server. None of it is empty: the storage would take
/// it for a service with passwords.
#[derive(Debug, Clone)]
pub struct OAuth {
    /// Where users are sent, with its query.
    pub authorize_url: String,
    /// Where tokens are renewed.
    pub refresh_url: String,
    /// The client's name.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
}

impl Registration {
    /// The request's body.
    pub(super) fn body(&self) -> SecretString {
        let mut body = json!({
            "servicename": self.service,
            "implements": self.implements.iter().map(Part::name).collect::<Vec<_>>(),
            "displayName": self.display_name,
            "description": self.description,
            "icon": self.icon,
            "infoUrl": encoding::form(&self.info_url),
            "helpUrl": encoding::form(&self.help_url),
            "metadataProfile": self.metadata_profile,
            "projectLinkTemplate": self.project_link_template,
            "fileTransferMode": self.file_transfer_mode.code(),
            "fileTransferArchive": self.file_transfer_archive.code(),
        });
        if let Value::Object(members) = &mut body {
            self.login.add_to(members);
        }
        SecretString::from(body.to_string())
    }
}

impl Part {
    const fn name(&self) -> &'static str {
        match self {
            Self::FileStorage => "fileStorage",
            Self::Metadata => "metadata",
        }
    }
}

impl TransferMode {
    const fn code(self) -> u8 {
        match self {
            Self::Active => 0,
            Self::Passive => 1,
            Self::PassiveWithLink => 2,
        }
    }
}

impl Archive {
    const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Zip => 1,
        }
    }
}

impl LoginForm {
    fn add_to(&self, members: &mut Map<String, Value>) {
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        match self {
            Self::Credentials { user_id, password } => {
                let value = json!({ "userId": user_id, "password": password });
                add("credentials", value);
            }
            Self::OAuth(oauth) => {
                add(
                    "authorize_url",
                    oauth.authorize_url.replacen('?', "%3F", 1).into(),
                );
                add("refresh_url", oauth.refresh_url.clone().into());
                add("client_id", oauth.client_id.clone().into());
                add("client_secret", oauth.client_secret.expose_secret().into());
            }
        }
    }
}

impl OAuth {
    /// The address to which users are sent. The front end decodes it once and
    /// adds its state; so only what would end the query too early is encoded
    /// here, and the `?` on the wire, as the shipped connectors do.
    pub fn authorize_url(url: &str, redirect_uri: &str, client_id: &str) -> String {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let given = |name: &str| {
            let mut pairs = query.split('&');
            pairs.any(|pair| pair.split('=').next() == Some(name))
        };
        let quoted = |text: &str| {
            let text = text.replace('%', "%25").replace('&', "%26");
            text.replace('#', "%23").replace(' ', "%20")
        };
        let mut pairs = Vec::new();
        for (name, value) in [
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("client_id", client_id),
        ] {
            if !value.is_empty() && !given(name) {
                pairs.push(format!("{name}={}", quoted(value)));
            }
        }
        if !query.is_empty() {
            pairs.push(query.to_owned());
        }
        format!("{path}?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests;
