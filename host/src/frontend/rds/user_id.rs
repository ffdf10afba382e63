//! The contract's `userId`: who asks, and the credential that came along.
//!
//! | form    | text                          |
//! |---------|-------------------------------|
//! | session | `<service>://<user>:<secret>` |
//! | normal  | `<user>`                      |
//!
//! The shipped connectors parse it in four different ways. This one splits at
//! the first `://` and then at the first `:` after it, which agrees with every
//! text they accept and lets a credential hold colons as well.

use secrecy::SecretString;

/// The prefix of every service name.
pub(super) const SERVICE_PREFIX: &str = "port-";

/// A caller, as `userId` describes it.
#[derive(Debug, Default)]
pub(super) struct UserId {
    /// The service named by the session form, lower-case and with `port-` in
    /// front. A hint only: the shipped connectors never check it.
    pub service: Option<String>,
    /// The user's name in the system behind the connector.
    pub user: Option<String>,
    /// The user's token or password.
    pub credential: Option<SecretString>,
    /// Whether the text had the session form, with or without a credential.
    pub session: bool,
}

impl UserId {
    /// Reads both forms. Every text is a `userId`: what is not a session is a
    /// user's name.
    pub(super) fn parse(text: &str) -> Self {
        let session = text
            .split_once("://")
            .and_then(|(service, rest)| Some((service, rest.split_once(':')?)));
        match session {
            Some((service, (user, credential))) => Self {
                service: (!service.is_empty()).then(|| service_name(service)),
                user: present(user).map(str::to_owned),
                credential: present(credential).map(SecretString::from),
                session: true,
            },
            None => Self {
                user: present(text).map(str::to_owned),
                ..Self::default()
            },
        }
    }
}

/// The name by which callers know a service: lower-case, and with `port-` in
/// front unless the name has it somewhere.
pub fn service_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name.contains(SERVICE_PREFIX) {
        name
    } else {
        format!("{SERVICE_PREFIX}{name}")
    }
}

/// The callers are Python: an absent value arrives as an empty text or as the
/// name of Python's null.
pub(super) fn present(text: &str) -> Option<&str> {
    (!text.is_empty() && text != "None").then_some(text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::UserId;

    type Parts<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, bool);

    fn check(text: &str, expected: Parts<'_>) {
        let parsed = UserId::parse(text);
        let credential = parsed.credential.as_ref();
        let found: Parts<'_> = (
            parsed.service.as_deref(),
            parsed.user.as_deref(),
            credential.map(|credential| credential.expose_secret()),
            parsed.session,
        );
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_session_names_service_user_and_credential() {
        let zenodo = Some("port-zenodo");
        check(
            "port-zenodo://alice:TOK",
            (zenodo, Some("alice"), Some("TOK"), true),
        );
        check(
            "zenodo://alice:TOK",
            (zenodo, Some("alice"), Some("TOK"), true),
        );
        check(
            "Port-Zenodo://alice:TOK",
            (zenodo, Some("alice"), Some("TOK"), true),
        );
        check(
            "port-OTHER://alice:TOK",
            (Some("port-other"), Some("alice"), Some("TOK"), true),
        );
    }

    #[test]
    fn user_and_credential_may_be_absent() {
        let service = Some("port-x");
        check("port-x://:TOK", (service, None, Some("TOK"), true));
        check("port-x://None:TOK", (service, None, Some("TOK"), true));
        check("port-x://alice:", (service, Some("alice"), None, true));
        check("port-x://alice:None", (service, Some("alice"), None, true));
        check("port-x://:", (service, None, None, true));
        check("://alice:TOK", (None, Some("alice"), Some("TOK"), true));
    }

    #[test]
    fn a_credential_may_hold_colons() {
        let service = Some("port-x");
        check(
            "port-x://alice:a:b",
            (service, Some("alice"), Some("a:b"), true),
        );
        check(
            "port-x://alice:http://b",
            (service, Some("alice"), Some("http://b"), true),
        );
    }

    #[test]
    fn a_user_may_be_an_address() {
        let service = Some("port-x");
        check(
            "port-x://alice@cloud.example:TOK",
            (service, Some("alice@cloud.example"), Some("TOK"), true),
        );
        check(
            "port-x://al@ice@cloud.example:TOK",
            (service, Some("al@ice@cloud.example"), Some("TOK"), true),
        );
        check(
            "port-x://---:TOK",
            (service, Some("---"), Some("TOK"), true),
        );
    }

    #[test]
    fn anything_else_is_a_user() {
        check("alice", (None, Some("alice"), None, false));
        check("alice@cloud", (None, Some("alice@cloud"), None, false));
        check(
            "alice@cloud.example",
            (None, Some("alice@cloud.example"), None, false),
        );
        check("al:ice", (None, Some("al:ice"), None, false));
        check(
            "port-x://alice",
            (None, Some("port-x://alice"), None, false),
        );
        check("", (None, None, None, false));
        check("None", (None, None, None, false));
    }

    #[test]
    fn a_credential_is_never_printed() {
        let printed = format!("{:?}", UserId::parse("port-x://alice:hunter2"));
        assert!(printed.contains("alice"));
        assert!(!printed.contains("hunter2"));
    }
}
