//! Requests to Zenodo. Each carries the caller's credential, and each answer is JSON of a size that
//! fits into memory.

use serde::de::DeserializeOwned;
use tenon_sdk::{
    Error, Result,
    http::{self, Request, Response},
    transfer::Reader,
};

use crate::{
    deposit::{Deposit, Id},
    refusal,
};

/// A hundred files or a page of deposits with long descriptions stay well below.
const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One installation of Zenodo.
#[derive(Debug)]
pub(crate) struct Client {
    /// Without a slash at the end.
    base: String,
}

impl Client {
    pub(crate) fn new(base_url: &str) -> Result<Self> {
        // Only an URL has an origin that links can be compared with.
        http::own_link(base_url, base_url)?;
        if base_url.contains(['?', '#']) {
            return Err(Error::invalid("base_url has a query or fragment").about(base_url));
        }
        Ok(Self {
            base: base_url.trim_end_matches('/').to_owned(),
        })
    }

    /// Where the caller's deposits are.
    pub(crate) fn deposits(&self) -> String {
        format!("{}/api/deposit/depositions", self.base)
    }

    pub(crate) fn deposit_url(&self, id: &Id) -> String {
        format!("{}/{id}", self.deposits())
    }

    /// Where a link leads that Zenodo gave. The credential is Zenodo's, so it may lead nowhere else.
    pub(crate) fn link(&self, link: &str) -> Result<String> {
        http::own_link(&self.base, link)
    }

    pub(crate) fn deposit(&self, id: &Id) -> Result<Deposit> {
        let request = Request::get(self.deposit_url(id));
        json(send(request, id.as_str())?, id.as_str())
    }

    /// Whether Zenodo answers at all, whatever it says of a caller without a token.
    pub(crate) fn reach(&self) -> Result<()> {
        let url = self.deposits();
        let response = Request::get(&url).send()?;
        if response.status() < 500 {
            Ok(())
        } else {
            response.ok(&url).map(drop)
        }
    }
}

/// Sends a request and gives the answer when it is one of success.
pub(crate) fn send(request: Request, subject: &str) -> Result<Response> {
    let response = request.credential("caller").send()?;
    refusal::accepted(response, subject)
}

/// Sends a request with the whole of `content`, whose size is known, as its body.
pub(crate) fn upload(
    request: Request,
    content: &mut Reader<'_>,
    subject: &str,
) -> Result<Response> {
    let response = request.credential("caller").send_stream(content)?;
    refusal::accepted(response, subject)
}

/// An answer's JSON.
pub(crate) fn json<T: DeserializeOwned>(response: Response, subject: &str) -> Result<T> {
    let body = response.into_body()?.read_all(JSON_BYTES_MAX)?;
    serde_json::from_slice(&body).map_err(|error| {
        // Only the place: the rest of the error may quote the answer.
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::unavailable(format!("Zenodo's answer is not understood at {place}")).about(subject)
    })
}
