//! Requests, and the redirects that some of them follow.

use std::borrow::Cow;

use super::{Payload, Response, Url, Wire};
use crate::{Error, Result, backend, secret, transfer::Reader};

/// Hops after which a chain of redirects is taken for a loop.
const REDIRECTS_MAX: usize = 5;

/// A request in the making.
#[derive(Debug, Clone)]
pub struct Request {
    method: Cow<'static, str>,
    url: String,
    headers: Vec<(String, String)>,
    credential: Option<String>,
    body: Option<Vec<u8>>,
}

macro_rules! methods {
    ($($name:ident => $method:literal,)+) => {
        $(#[doc = concat!("A `", $method, "` request.")]
        pub fn $name(url: impl Into<String>) -> Self {
            Self::new($method, url)
        })+
    };
}

impl Request {
    /// A request of any method, such as `PROPFIND`, to an absolute `http` or `https` URL.
    pub fn new(method: impl Into<Cow<'static, str>>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            credential: None,
            body: None,
        }
    }

    methods! {
        get => "GET",
        head => "HEAD",
        put => "PUT",
        post => "POST",
        patch => "PATCH",
        delete => "DELETE",
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Authorizes the request with a credential of the grant, `caller` for the one that came with
    /// the call. The host writes it the way the grant's template says. It stays behind when a
    /// redirect leads to another origin.
    #[must_use]
    pub fn credential(mut self, name: &str) -> Self {
        self.credential = Some(name.to_owned());
        self
    }

    /// Gives the request a body, and so a `Content-Length`.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends the request and waits for the response's head.
    ///
    /// `GET`, `HEAD` and `PROPFIND` follow redirects. A response of any status is no error; see
    /// [`Response::ok`].
    pub fn send(self) -> Result<Response> {
        let mut url = Url::parse(&self.url)?;
        let follows = matches!(&*self.method, "GET" | "HEAD" | "PROPFIND");
        // A server may wait for the body of these unless told that there is none.
        let none = matches!(&*self.method, "PUT" | "POST" | "PATCH").then_some(0);
        let mut headers = self.headers_with_length(
            self.body
                .as_ref()
                .map_or(none, |body| Some(body.len() as u64)),
        )?;
        for _ in 0..=REDIRECTS_MAX {
            let response = self.send_once(&url, &headers)?;
            if !follows {
                return Ok(response);
            }
            let Some(target) = self.redirect(&url, &response)? else {
                return Ok(response);
            };
            if !target.same_origin(&url) {
                headers.retain(|(name, _)| !is_credential(name));
            }
            url = target;
        }
        Err(Error::unavailable("a redirect leads to another without end").about(self.url))
    }

    /// Sends the request with the whole of `content` as its body and waits for the response's
    /// head. With a known size the body goes out under a `Content-Length`, else in chunks. When
    /// `content` fails, the request is broken off, so that the receiver cannot take it for whole.
    pub fn send_stream(self, content: &mut Reader<'_>) -> Result<Response> {
        let url = Url::parse(&self.url)?;
        let headers = self.headers_with_length(content.remaining())?;
        let wire = Wire {
            method: &self.method,
            url: &url,
            headers: &headers,
        };
        backend::http::send(&wire, Payload::Stream(content))
            .map(|answer| Response::new(answer, &self.method))
    }

    fn send_once(&self, url: &Url, headers: &[(String, String)]) -> Result<Response> {
        let wire = Wire {
            method: &self.method,
            url,
            headers,
        };
        let payload = match &self.body {
            Some(body) => Payload::Bytes(body),
            None => Payload::Empty,
        };
        backend::http::send(&wire, payload).map(|answer| Response::new(answer, &self.method))
    }

    fn redirect(&self, from: &Url, response: &Response) -> Result<Option<Url>> {
        match response.status() {
            301 | 302 | 307 | 308 => {}
            // "See other" means to get, which is not what any other method asks for.
            303 if &*self.method != "PROPFIND" => {}
            _ => return Ok(None),
        }
        response
            .header("location")
            .map(|location| from.join(&location))
            .transpose()
    }

    fn headers_with_length(&self, length: Option<u64>) -> Result<Vec<(String, String)>> {
        let mut headers = self.headers.clone();
        if let Some(name) = &self.credential {
            headers.push(("authorization".to_owned(), secret::placeholder(name)?));
        }
        if let Some(length) = length {
            headers.push(("content-length".to_owned(), length.to_string()));
        }
        Ok(headers)
    }
}

fn is_credential(name: &str) -> bool {
    // The last two are OpenStack's.
    [
        "authorization",
        "cookie",
        "proxy-authorization",
        "x-auth-key",
        "x-auth-token",
    ]
    .iter()
    .any(|other| name.eq_ignore_ascii_case(other))
}
