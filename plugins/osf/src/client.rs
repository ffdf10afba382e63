//! The requests. Each is sent once: whether one that changes something may be sent again is for
//! the caller to say.

use serde::de::DeserializeOwned;
use serde_json::Value;
use tenon_sdk::{
    Error, Kind, Result,
    http::{Request, Response},
    repository::Reader,
};

use crate::{addresses::Addresses, document::Document};

/// The media type that JSON:API demands of a request with a body.
const JSON_API: &str = "application/vnd.api+json";

/// Most bytes of a document. A page of a hundred projects with long descriptions has far fewer.
const DOCUMENT_MAX: usize = 8 * 1024 * 1024;

/// Most pages that a search goes through: a service whose pages lead in a circle has no end.
const PAGES_MAX: usize = 1000;

/// The requests of one caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client<'a>(pub(crate) &'a Addresses);

/// A part of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The next page's address within the API.
    pub(crate) next: Option<String>,
}

impl Client<'_> {
    /// Whether the service answers at all, whatever it says of a caller without a token.
    pub(crate) fn reach(&self) -> Result<()> {
        let url = self.0.api("");
        let response = Request::get(&url).send()?;
        if response.status() < 500 {
            Ok(())
        } else {
            response.ok(&url).map(drop)
        }
    }

    /// One resource of the API.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str, subject: &str) -> Result<T> {
        let response = self.send(Request::get(self.0.api(path)), subject)?;
        parse::<Document<T>>(response, subject).map(|document| document.data)
    }

    /// One page of a list of the API.
    pub(crate) fn page<T: DeserializeOwned>(&self, path: &str, subject: &str) -> Result<Page<T>> {
        let response = self.send(Request::get(self.0.api(path)), subject)?;
        let document: Document<Vec<T>> = parse(response, subject)?;
        let next = document.links.and_then(|links| links.next);
        let next = next
            .map(|link| self.0.within_api(&link).map(str::to_owned))
            .transpose()?;
        Ok(Page {
            items: document.data,
            next,
        })
    }

    /// The first item of a list that is wanted.
    pub(crate) fn find<T: DeserializeOwned>(
        &self,
        path: &str,
        subject: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Option<T>> {
        let mut path = path.to_owned();
        for _ in 0..PAGES_MAX {
            let page = self.page(&path, subject)?;
            if let Some(item) = page.items.into_iter().find(&wanted) {
                return Ok(Some(item));
            }
            match page.next {
                Some(next) => path = next,
                None => return Ok(None),
            }
        }
        Err(Error::unavailable(format!(
            "a list of the system has more than {PAGES_MAX} pages"
        ))
        .about(subject))
    }

    /// Sends a document to the API and returns the resource that comes back.
    pub(crate) fn send_document<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
        document: &Value,
        subject: &str,
    ) -> Result<T> {
        let request = Request::new(method, self.0.api(path))
            .header("content-type", JSON_API)
            .body(document.to_string());
        let response = self.send(request, subject)?;
        parse::<Document<T>>(response, subject).map(|document| document.data)
    }

    /// Removes what is at an address.
    pub(crate) fn delete(&self, url: String, subject: &str) -> Result<()> {
        self.send(Request::delete(url), subject).map(drop)
    }

    /// Sends bytes, whose number is known, to the file service.
    pub(crate) fn put<T: DeserializeOwned>(
        &self,
        url: String,
        content: &mut Reader<'_>,
        subject: &str,
    ) -> Result<T> {
        let request = Request::put(url).credential("caller");
        let response = request.send_stream(content)?.ok(subject)?;
        parse::<Document<T>>(response, subject).map(|document| document.data)
    }

    /// Sends a request that is complete with its address.
    pub(crate) fn send(&self, request: Request, subject: &str) -> Result<Response> {
        request.credential("caller").send()?.ok(subject)
    }
}

/// Whether the system may have done what it was asked to, although it did not say so.
pub(crate) fn is_undecided(error: &Error) -> bool {
    error.kind() == Kind::Unavailable
}

pub(crate) fn parse<T: DeserializeOwned>(response: Response, subject: &str) -> Result<T> {
    let body = response.into_body()?.read_all(DOCUMENT_MAX)?;
    serde_json::from_slice(&body).map_err(|error| {
        // Only the place: the rest of the error may quote the answer.
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::unavailable(format!("the system's answer is not understood at {place}"))
            .about(subject)
    })
}
