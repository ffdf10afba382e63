//! What a client asks for.

use std::{fmt::Display, str::FromStr};

use crate::{Error, Result};

/// Bytes of a request's body, at most: a document that a plugin sees as a whole.
pub const BODY_MAX: usize = 1024 * 1024;

/// A request, with its path below the plugin's prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub(super) method: String,
    pub(super) path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    pub(super) arguments: Vec<(&'static str, String)>,
}

impl Request {
    /// A request as it stands in HTTP's first line, such as `GET` and `/uuid/1?limit=10`.
    pub fn new(method: &str, path_and_query: &str) -> Self {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            ..Self::default()
        }
    }

    /// Sets the headers, their names in any case.
    #[must_use]
    pub fn with_headers(mut self, headers: impl IntoIterator<Item = (String, String)>) -> Self {
        let headers = headers.into_iter();
        self.headers = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The method, such as `GET`. A handler sees `HEAD` as `GET`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path as it was sent, below the plugin's prefix.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// An argument of the route's path, decoded. `internal` where the route names none of the kind.
    pub fn argument(&self, name: &str) -> Result<&str> {
        let found = self.arguments.iter().find(|(other, _)| *other == name);
        let (_, value) =
            found.ok_or_else(|| Error::internal("the route has no such argument").about(name))?;
        Ok(value)
    }

    /// As [`argument`](Self::argument), for a number or anything else with a text form; `invalid`
    /// for text that is none.
    pub fn parse_argument<T>(&self, name: &str) -> Result<T>
    where
        T: FromStr<Err: Display>,
    {
        parse(name, self.argument(name)?)
    }

    /// A query parameter, decoded; of several of one name the first.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// As [`query`](Self::query), for a number or anything else with a text form; `invalid` for
    /// text that is none.
    pub fn parse_query<T>(&self, name: &str) -> Result<Option<T>>
    where
        T: FromStr<Err: Display>,
    {
        self.query(name).map(|text| parse(name, text)).transpose()
    }

    /// A header, its name in lower case; of several of one name the first.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The body, [`BODY_MAX`] bytes at most.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(other, _)| other == name);
    found.map(|(_, value)| value.as_str())
}

fn parse<T>(name: &str, text: &str) -> Result<T>
where
    T: FromStr<Err: Display>,
{
    text.parse()
        .map_err(|error| Error::invalid(format!("a parameter is wrong: {error}")).about(name))
}
