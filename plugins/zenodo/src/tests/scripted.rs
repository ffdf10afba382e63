//! A server that answers each request with what a test makes up, for what no decent Zenodo says.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use super::*;

/// What came, headers in lower case.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

/// Status, further header lines, body.
pub(super) type Answer = (u16, &'static str, String);

pub(super) struct Scripted {
    pub(super) environment: Environment,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    /// `answer` gets the server's own origin and `METHOD /path`.
    pub(super) fn start(answer: impl Fn(&str, &str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let environment = environment(&origin, TOKEN);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let request = read(&connection);
                let (status, headers, body) = answer(&origin, &request.line);
                seen.lock().unwrap().push(request);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n"
                );
                drop(write!(connection, "{head}{headers}\r\n{body}"));
            }
        });
        Self {
            environment,
            requests,
        }
    }

    pub(super) fn run<T>(&self, f: impl FnOnce(&Zenodo) -> Result<T>) -> Result<T> {
        self.environment.enter(|| f(&Zenodo::new()?))
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.map(|request| request.line).collect()
    }
}

fn read(connection: &TcpStream) -> Request {
    let mut reader = BufReader::new(connection);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    let (line, headers) = head.split_once("\r\n").unwrap_or_default();
    let headers = headers.to_ascii_lowercase();
    let length = headers
        .split_once("content-length: ")
        .map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Request {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body,
    }
}

/// What the server says of deposit 1, with these members besides.
pub(super) fn deposit(more: Value) -> Answer {
    let mut deposit = json!({"id": 1, "submitted": false, "metadata": {}});
    let members = deposit.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    (200, "", deposit.to_string())
}

#[test]
fn links_to_other_origins_are_refused() {
    let evil = Scripted::start(|_, _| (200, "", String::new()));
    let away = evil.run(|zenodo| Ok(zenodo.client.deposits())).unwrap();
    let zenodo = Scripted::start(move |_, line| match line {
        "GET /api/deposit/depositions/1" => deposit(json!({"links": {"bucket": away}})),
        "GET /api/deposit/depositions/1/files" => {
            let file = json!([{"id": "f", "filename": "a", "links": {"download": away}}]);
            (200, "", file.to_string())
        }
        _ => (500, "", String::new()),
    });
    let mut content = Reader::from_bytes("x");
    let added = zenodo.run(|zenodo| zenodo.add_file("1", &Path::new("a")?, None, &mut content));
    let mut collected = Collected::default();
    let read = zenodo.run(|zenodo| zenodo.read_file("1", "f", Sink::to(&mut collected)));
    for error in [added.unwrap_err(), read.unwrap_err()] {
        assert_eq!(error.kind(), Kind::Denied);
        assert!(error.message().contains("another origin"), "{error}");
    }
    assert!(evil.requests().is_empty());
    assert_eq!(zenodo.lines().len(), 2);
}

#[test]
fn a_download_may_redirect_but_the_token_stays() {
    let storage = Scripted::start(|_, _| (200, "content-type: text/csv\r\n", "bytes".to_owned()));
    let away = storage.run(|zenodo| Ok(zenodo.client.deposits())).unwrap();
    let away: &'static str = format!("location: {away}\r\n").leak();
    let zenodo = Scripted::start(move |origin, line| match line {
        "GET /api/deposit/depositions/1/files" => {
            let link = format!("{origin}/raw/sub%2Fa b.csv/content");
            let file = json!([{"id": "f", "filename": "sub%2Fa b.csv", "filesize": "5",
                "links": {"download": link}}]);
            (200, "", file.to_string())
        }
        "GET /raw/sub%252Fa%20b.csv/content" => (302, away, String::new()),
        _ => (500, "", String::new()),
    });
    let mut collected = Collected::default();
    zenodo
        .run(|zenodo| zenodo.read_file("1", "f", Sink::to(&mut collected)))
        .unwrap();
    assert_eq!(collected.bytes, b"bytes");
    let head = collected.head.unwrap();
    assert_eq!(
        (head.size, head.media_type.as_deref()),
        (Some(5), Some("text/csv"))
    );
    assert!(zenodo.requests().iter().all(|request| {
        request
            .headers
            .contains(&format!("authorization: bearer {TOKEN}"))
    }));
    assert!(!storage.requests()[0].headers.contains("authorization"));
}

/// The list of files has no links in some versions of the API.
#[test]
fn without_a_download_link_the_bucket_has_the_bytes() {
    let zenodo = Scripted::start(|_, line| match line {
        "GET /api/deposit/depositions/1/files" => (
            200,
            "",
            json!([{"id": "f", "filename": "a%2Fb"}]).to_string(),
        ),
        "GET /api/deposit/depositions/1" => {
            deposit(json!({"links": {"bucket": "/api/files/bucket/"}}))
        }
        "GET /api/files/bucket/a%252Fb" => (200, "", "bytes".to_owned()),
        _ => (500, "", String::new()),
    });
    let mut collected = Collected::default();
    zenodo
        .run(|zenodo| zenodo.read_file("1", "f", Sink::to(&mut collected)))
        .unwrap();
    assert_eq!(collected.bytes, b"bytes");
}

#[test]
fn a_deposit_without_an_id_is_reported_as_left_behind() {
    let zenodo = Scripted::start(|_, _| (201, "", json!({"metadata": {}}).to_string()));
    let error = zenodo
        .run(|zenodo| zenodo.create_project(None))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("left behind"), "{error}");
}

#[test]
fn the_list_goes_by_the_number_that_is_published() {
    let zenodo = Scripted::start(|_, _| {
        let deposits = json!([
            {"id": 1, "metadata": {"prereserve_doi": {"recid": 2}}},
            {"id": "3", "submitted": null, "metadata": null},
            {"id": 4, "submitted": true},
        ]);
        (200, "", deposits.to_string())
    });
    let request = PageRequest {
        after: None,
        max: 9,
    };
    let page = zenodo.run(|zenodo| zenodo.list_projects(request)).unwrap();
    let ids: Vec<_> = page.items.iter().map(|project| &*project.id).collect();
    assert_eq!(ids, ["2", "3"]);
    assert_eq!(object(&page.items[1].metadata), json!({}));
}

#[test]
fn what_zenodo_stored_must_be_what_was_sent() {
    let zenodo = Scripted::start(|_, line| match line {
        "GET /api/deposit/depositions/1" => {
            deposit(json!({"links": {"bucket": "/api/files/bucket"}}))
        }
        _ => (201, "", json!({"key": "a", "size": 3}).to_string()),
    });
    let mut content = Reader::from_bytes("12345");
    let added = zenodo.run(|zenodo| zenodo.add_file("1", &Path::new("a")?, Some(5), &mut content));
    let error = added.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("3 of 5 bytes"), "{error}");
}

#[test]
fn an_echo_of_the_token_is_not_passed_on() {
    let secret = "s3cr3tT0kenWithManyLettersAndDigits0123456789";
    let zenodo = Scripted::start(move |_, _| {
        let message = format!("No scope for Bearer {secret}.");
        (403, "", json!({"message": message}).to_string())
    });
    let error = zenodo.run(|zenodo| zenodo.get_project("1")).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(error.message().contains("No scope"), "{error}");
    assert!(!error.message().contains("s3cr3t"), "{error}");
}

#[test]
fn answers_of_any_size_do_not_fill_the_memory() {
    let zenodo = Scripted::start(|_, _| (200, "", " ".repeat(5 << 20) + "{}"));
    let error = zenodo.run(|zenodo| zenodo.get_project("1")).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("larger than"), "{error}");
}
