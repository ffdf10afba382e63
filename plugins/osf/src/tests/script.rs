//! A service that gives prepared answers. What it was asked is for the test to look at.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use serde_json::Value;

use super::TOKEN;

/// What comes back. `@URL@` in a body stands for the service's own address.
#[derive(Clone)]
pub(crate) enum Answer {
    /// A status and a body.
    Json(u16, String),
    /// Bytes of a file, cut off before the last one is sent.
    Cut(&'static str),
    /// The connection breaks after the request was taken.
    Lost,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Json(status, body.to_string())
    }

    /// A status without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self::Json(status, String::new())
    }
}

pub(crate) struct Script {
    url: String,
    requests: Receiver<String>,
}

impl Script {
    /// Gives the answers in their order, and closes behind the last.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let mut answers = answers.into_iter();
        Self::run(move |_| answers.next())
    }

    /// Gives the answer to each request as often as it is asked, and closes at an unknown one.
    pub(crate) fn serve(answers: Vec<(String, Answer)>) -> Self {
        Self::run(move |request| {
            let found = answers.iter().find(|(known, _)| known == request);
            found.map(|(_, answer)| answer.clone())
        })
    }

    fn run(mut next: impl FnMut(&str) -> Option<Answer> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (send, requests) = sync_channel(100);
        let own = url.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let connection = connection.unwrap();
                let request = take(&connection);
                let answer = next(&request);
                // Nobody listens when the test is over.
                if send.send(request).is_err() {
                    return;
                }
                let Some(answer) = answer else {
                    return;
                };
                give(connection, &answer, &own);
            }
        });
        Self { url, requests }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The requests, each as method, target and, where there is one, length and body.
    pub(crate) fn finish(self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

fn take(connection: &TcpStream) -> String {
    let mut reader = BufReader::new(connection);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let mut request = line().trim_end_matches(" HTTP/1.1").to_owned();
    let (mut length, mut authorized) = (None, request.ends_with("/v2/"));
    loop {
        let header = line();
        let Some((name, value)) = header.split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse::<u64>().unwrap()),
            "transfer-encoding" => request.push_str(" in chunks"),
            "authorization" => authorized = value == format!("Bearer {TOKEN}"),
            _ => {}
        }
    }
    if !authorized {
        request.push_str(" unauthorized");
    }
    if let Some(length) = length {
        let mut body = String::new();
        reader.take(length).read_to_string(&mut body).unwrap();
        request.push_str(&format!(" [{length}] {body}"));
    }
    request
}

fn give(mut connection: TcpStream, answer: &Answer, own: &str) {
    let text = match answer {
        Answer::Json(status, body) => {
            let body = body.replace("@URL@", own);
            let length = body.len();
            format!(
                "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        }
        Answer::Cut(body) => {
            let length = body.len() + 1;
            format!("HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
        }
        Answer::Lost => return,
    };
    connection.write_all(text.as_bytes()).unwrap();
}
