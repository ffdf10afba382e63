//! Credentials, and their placeholders in requests.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::environment;
use crate::{Error, Result};

/// A credential as a grant would describe it.
#[derive(Debug)]
pub(super) struct Credential {
    pub(super) value: String,
    /// How it is written into a request, such as `Bearer {caller}`.
    pub(super) template: String,
}

pub(crate) fn placeholder(name: &str) -> Result<String> {
    environment::with(|environment| {
        known(environment, name)?;
        Ok(environment.placeholder(name))
    })
}

pub(crate) fn reveal(name: &str) -> Result<String> {
    environment::with(|environment| {
        known(environment, name).map(|credential| credential.value.clone())
    })
}

fn known<'e>(environment: &'e environment::State, name: &str) -> Result<&'e Credential> {
    environment
        .credentials
        .get(name)
        .ok_or_else(|| Error::unauthenticated("the call brought no such credential").about(name))
}

/// The text with each placeholder in it replaced.
pub(super) fn substitute(text: &str) -> String {
    environment::with(|environment| {
        let mut text = text.to_owned();
        for (name, credential) in &environment.credentials {
            let placeholder = environment.placeholder(name);
            if text.contains(&placeholder) {
                text = text.replace(
                    &placeholder,
                    &credential.written(name, environment.context.user.as_deref()),
                );
            }
        }
        text
    })
}

impl Credential {
    fn written(&self, name: &str, user: Option<&str>) -> String {
        let filled = |template: &str| {
            template
                .replace("{user}", user.unwrap_or_default())
                .replace(&format!("{{{name}}}"), &self.value)
        };
        match self.template.strip_prefix("Basic ") {
            Some(pair) => format!("Basic {}", STANDARD.encode(filled(pair))),
            None => filled(&self.template),
        }
    }
}
