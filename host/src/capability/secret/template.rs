//! How a credential is written into a request: `Bearer {caller}`,
//! `Basic {user}:{caller}`, `{api-key}`.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use super::Grants;
use crate::capability::call::Context;

/// The name in a template that stands for the caller's user name.
pub const USER: &str = "user";
const BASIC: &str = "Basic ";

/// A text with names in braces. After a leading `Basic ` the rest is encoded
/// as RFC 7617 wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    basic: bool,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(String),
}

/// A template that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{` without its `}`.
    #[error("`{{` without a closing `}}`")]
    Unclosed,
    /// `{}`.
    #[error("`{{}}` names no credential")]
    Unnamed,
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let (basic, mut rest) = match text.strip_prefix(BASIC) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut parts = Vec::new();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(TemplateError::Unclosed)?;
            if name.is_empty() {
                return Err(TemplateError::Unnamed);
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Name(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { basic, parts })
    }
}

impl Template {
    /// The credentials the template needs, `caller` among them.
    pub fn credentials(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name) if name != USER => Some(name.as_str()),
            Part::Name(_) | Part::Text(_) => None,
        })
    }

    /// The text with every name replaced; `None` when a value is missing.
    pub fn render(&self, grants: &Grants, context: &Context) -> Option<SecretString> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Name(name) if name == USER => text.push_str(context.user.as_deref()?),
                Part::Name(name) => text.push_str(grants.value(name, context)?.expose_secret()),
            }
        }
        if self.basic {
            text = format!("{BASIC}{}", STANDARD.encode(text));
        }
        Some(SecretString::from(text))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn check(template: &str, expected: Option<&str>) {
        let mut context = Context::new("r".into(), Arc::from("c"));
        context.user = Some("alice".into());
        context.credential = Some(SecretString::from("TOK:1"));
        let template: Template = template.parse().unwrap();
        let rendered = template.render(&Grants::default(), &context);
        assert_eq!(rendered.as_ref().map(|text| text.expose_secret()), expected);
    }

    #[test]
    fn renders_names() {
        check("Bearer {caller}", Some("Bearer TOK:1"));
        check("{user}/{caller}", Some("alice/TOK:1"));
        check("Basic {user}:{caller}", Some("Basic YWxpY2U6VE9LOjE="));
        check("{unknown}", None);
        check("plain", Some("plain"));
    }

    #[test]
    fn refuses_what_cannot_be_read() {
        assert_eq!("a{b".parse::<Template>(), Err(TemplateError::Unclosed));
        assert_eq!("{}".parse::<Template>(), Err(TemplateError::Unnamed));
    }
}
