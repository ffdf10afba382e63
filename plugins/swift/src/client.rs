//! The requests. Each goes to the account under a token, which is renewed once when Swift no longer
//! takes it.

use std::{
    fmt,
    io::{self, Read},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tenon_sdk::{
    Error, Result,
    file_store::{Entry, Head, Reader},
    http::{Request, Response, escaped},
};

use crate::login::{Login, Session};

/// Rate limiting in Swift's own words: its middleware `ratelimit` answers so, and never 429.
const RATE_LIMITED: u16 = 498;

/// One account.
pub(crate) struct Client {
    login: Login,
    storage_url: Option<String>,
    /// The last one, for as long as the sandbox lives. It is the connector's own, no caller's.
    session: Mutex<Option<Session>>,
}

/// What is asked of the account: a container and an object in it, or less.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    container: &'a str,
    object: &'a str,
}

impl<'a> Target<'a> {
    pub(crate) const ACCOUNT: Self = Self {
        container: "",
        object: "",
    };

    pub(crate) fn container(container: &'a str) -> Self {
        Self {
            container,
            object: "",
        }
    }

    pub(crate) fn object(container: &'a str, object: &'a str) -> Self {
        Self { container, object }
    }

    /// Slashes of an object's name stay, as they are in its address.
    fn url(self, storage: &str) -> String {
        let mut url = storage.to_owned();
        let parts = [self.container, self.object];
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            for segment in part.split('/') {
                url.push('/');
                url.push_str(&escaped(segment));
            }
        }
        url
    }
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.container, self.object) {
            ("", _) => f.write_str("the account"),
            (container, "") => f.write_str(container),
            (container, object) => write!(f, "{container}/{object}"),
        }
    }
}

impl Client {
    /// Nobody logs in before there is something to ask for.
    pub(crate) fn new(login: Login, storage_url: Option<String>) -> Self {
        Self {
            login,
            storage_url,
            session: Mutex::new(None),
        }
    }

    /// What is known of the account, a container or an object.
    pub(crate) fn head(&self, target: Target<'_>) -> Result<Response> {
        self.ask(target, Request::head)
    }

    /// A listing of the account or a container, with this query.
    pub(crate) fn list(&self, target: Target<'_>, query: &str) -> Result<Response> {
        self.ask(target, |url| Request::get(format!("{url}?{query}")))
    }

    /// Makes a container, or leaves the one there is.
    pub(crate) fn create(&self, container: &str) -> Result<()> {
        self.ask(Target::container(container), Request::put)
            .map(drop)
    }

    pub(crate) fn delete(&self, target: Target<'_>) -> Result<()> {
        self.ask(target, Request::delete).map(drop)
    }

    /// What is known of an object's bytes from `offset` on, and they themselves if there are any.
    pub(crate) fn open(
        &self,
        target: Target<'_>,
        offset: u64,
    ) -> Result<(Head, Option<Reader<'static>>)> {
        let response = self.send(target, |url| match offset {
            0 => Request::get(url),
            _ => Request::get(url).header("range", format!("bytes={offset}-")),
        })?;
        let status = response.status();
        // Nothing is there to be sent from the end on.
        if status == 416 && offset > 0 {
            return Ok((Head::default(), None));
        }
        let response = accepted(response, &target.to_string())?;
        let head = Head {
            size: None,
            media_type: response.header("content-type"),
            etag: etag(&response),
        };
        let mut content = response.into_body()?;
        // Ranges are nothing that every proxy before a Swift leaves in place.
        if offset > 0 && status != 206 {
            io::copy(&mut content.by_ref().take(offset), &mut io::sink())?;
        }
        Ok((head, Some(content)))
    }

    /// Stores the whole of `content` as the object. A token that runs out now cannot be renewed,
    /// since nothing of `content` can be read twice: whoever calls this has just used the token.
    pub(crate) fn upload(&self, target: Target<'_>, content: &mut Reader<'_>) -> Result<Entry> {
        let size = content.remaining();
        let session = self.session()?;
        let request = Request::put(target.url(self.storage(&session)?));
        let response = under(&session, request).send_stream(content)?;
        if response.status() == 401 {
            self.forget(&session);
        }
        let response = accepted(response, &target.to_string())?;
        Ok(Entry {
            path: String::new(),
            folder: false,
            size,
            etag: etag(&response),
        })
    }

    /// The answer to a request, when it is one of success.
    fn ask(&self, target: Target<'_>, request: impl Fn(String) -> Request) -> Result<Response> {
        accepted(self.send(target, request)?, &target.to_string())
    }

    fn send(&self, target: Target<'_>, request: impl Fn(String) -> Request) -> Result<Response> {
        let send = |session: &Session| {
            let request = request(target.url(self.storage(session)?));
            under(session, request).send()
        };
        let session = self.session()?;
        let response = send(&session)?;
        if response.status() != 401 {
            return Ok(response);
        }
        self.forget(&session);
        send(&self.session()?)
    }

    /// The session at hand, or a new one.
    fn session(&self) -> Result<Session> {
        let mut kept = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = kept.as_ref().filter(|session| session.is_good()) {
            return Ok(session.clone());
        }
        *kept = None;
        let session = self.login.session()?;
        *kept = Some(session.clone());
        Ok(session)
    }

    fn forget(&self, session: &Session) {
        let mut kept = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        kept.take_if(|kept| kept.token == session.token);
    }

    fn storage<'s>(&'s self, session: &'s Session) -> Result<&'s str> {
        let storage = self.storage_url.as_ref().or(session.storage.as_ref());
        let storage = storage.map(String::as_str);
        storage.ok_or_else(|| {
            Error::invalid("logging in gave no address of an object store").about("storage_url")
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

fn under(session: &Session, request: Request) -> Request {
    request.header("x-auth-token", session.token.as_str())
}

/// The response when its status is one of success, else the error that it means.
pub(crate) fn accepted(response: Response, subject: &str) -> Result<Response> {
    if response.status() != RATE_LIMITED {
        return response.ok(subject);
    }
    let after = response.header("retry-after");
    let after = after.and_then(|seconds| seconds.trim().parse().ok());
    Err(Error::rate_limited("the system answered 498")
        .about(subject)
        .after(after.map(Duration::from_secs)))
}

/// Listings have it without quotes, and some answers with.
pub(crate) fn etag(response: &Response) -> Option<String> {
    let etag = response.header("etag")?;
    Some(etag.trim_matches('"').to_owned())
}
