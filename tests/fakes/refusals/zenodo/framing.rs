//! How a body is framed and what it is called.

use std::io::Write as _;

use super::*;

#[test]
fn chunked_json_is_an_internal_error() {
    let zenodo = fake();
    let chunked = request("POST", DEPOSITIONS).json(&json!({})).chunked();
    assert_eq!(chunked.send(&zenodo.origin()).status, 500);
    assert_eq!(rules(&zenodo), ["a chunked JSON body"]);
    assert!(zenodo.deposits().is_empty());
}

#[test]
fn json_needs_its_media_type() {
    let zenodo = fake();
    for media_type in ["text/plain", "application/vnd.api+json"] {
        let wrong = request("POST", DEPOSITIONS)
            .header("content-type", media_type)
            .body("{}");
        assert_eq!(wrong.send(&zenodo.origin()).status, 415, "{media_type}");
        assert_eq!(rules(&zenodo), ["a JSON body of another media type"]);
    }
    let none = request("POST", DEPOSITIONS).body("{}");
    assert_eq!(none.send(&zenodo.origin()).status, 415);
    assert_eq!(rules(&zenodo).len(), 1);
    let charset = request("POST", DEPOSITIONS)
        .header("content-type", "application/json; charset=utf-8")
        .body("{}");
    assert_eq!(charset.send(&zenodo.origin()).status, 201);
}

#[test]
fn what_is_called_json_must_be_an_object_of_metadata() {
    let zenodo = fake();
    for (body, rule) in [
        ("{", "a body that is not JSON"),
        ("", "a body that is not JSON"),
        ("[]", "a body that is not an object"),
        ("{\"title\": \"T\"}", "undocumented member `title`"),
    ] {
        let request = request("POST", DEPOSITIONS)
            .header("content-type", "application/json")
            .body(body);
        assert_eq!(request.send(&zenodo.origin()).status, 400, "{body}");
        let rules = rules(&zenodo);
        assert!(rules.len() == 1 && rules[0].starts_with(rule), "{rules:?}");
    }
}

#[test]
fn a_bucket_wants_a_length() {
    let zenodo = fake();
    let (_, bucket) = paths(&zenodo);
    let upload = request("PUT", &format!("{bucket}/a")).body("abc");
    for framed in [upload.clone().chunked(), upload.without_length()] {
        let reply = framed.send(&zenodo.origin());
        assert_eq!(reply.status, 400);
        assert_eq!(reply.message(), "File is smaller than expected.");
        assert_eq!(rules(&zenodo), ["an upload without `content-length`"]);
    }
    assert!(zenodo.deposits()[0].files.is_empty());
}

#[test]
fn a_length_of_zero_is_a_length() {
    let zenodo = fake();
    let (_, bucket) = paths(&zenodo);
    assert_eq!(put(&zenodo, &format!("{bucket}/empty"), "").status, 201);
    let deposit = &zenodo.deposits()[0];
    assert_eq!(deposit.files[0].md5, "d41d8cd98f00b204e9800998ecf8427e");
}

#[test]
fn an_object_is_nothing_but_bytes() {
    let zenodo = fake();
    let (_, bucket) = paths(&zenodo);
    let path = format!("{bucket}/a");
    let form = request("PUT", &path)
        .header("content-type", FORM)
        .body(form("a", "x"));
    assert_eq!(form.send(&zenodo.origin()).status, 415);
    assert_eq!(rules(&zenodo).len(), 1);
    let bytes = request("PUT", &path)
        .header("content-type", "application/octet-stream")
        .body("x");
    assert_eq!(bytes.send(&zenodo.origin()).status, 201);
}

#[test]
fn a_key_has_an_end() {
    let zenodo = fake();
    let (_, bucket) = paths(&zenodo);
    let reply = put(&zenodo, &format!("{bucket}/{}", "k".repeat(256)), "x");
    assert_eq!(reply.status, 400);
    assert_eq!(reply.message(), "Filename is too long.");
    assert_eq!(
        put(&zenodo, &format!("{bucket}/{}", "k".repeat(255)), "x").status,
        201
    );
}

#[test]
fn a_broken_upload_stores_nothing() {
    let zenodo = fake();
    let (deposit, bucket) = paths(&zenodo);
    let origin = zenodo.origin();
    let object = request("PUT", &format!("{bucket}/a"))
        .body("abc")
        .short_by(1);
    assert!(object.try_send(&origin).is_err());
    let old = request("POST", &format!("{deposit}/files"))
        .header("content-type", FORM)
        .body(form("a", "x"))
        .short_by(1);
    assert!(old.try_send(&origin).is_err());
    assert!(zenodo.deposits()[0].files.is_empty());
    let calls = zenodo.calls();
    assert_eq!((calls[1].received, calls[1].status), (3, None));
}

#[test]
fn the_old_upload_wants_a_length() {
    let zenodo = fake();
    let (deposit, _) = paths(&zenodo);
    let chunked = request("POST", &format!("{deposit}/files"))
        .header("content-type", FORM)
        .body(form("a", "x"))
        .chunked();
    assert_eq!(chunked.send(&zenodo.origin()).status, 411);
    assert_eq!(rules(&zenodo), ["an upload without `content-length`"]);
}

#[test]
fn the_old_upload_wants_its_form() {
    let zenodo = fake();
    let (deposit, _) = paths(&zenodo);
    let raw = request("POST", &format!("{deposit}/files")).body("abc");
    assert_eq!(raw.send(&zenodo.origin()).status, 415);
    assert_eq!(rules(&zenodo).len(), 1);
    let part = |head: &str| {
        format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\nx\r\n--B--\r\n").into_bytes()
    };
    let forms = [
        (part("name=\"name\""), "no part `file`"),
        (part("name=\"file\"; filename=\"x\""), "no part `name`"),
        (part("name=\"file\""), "unexpected part `file`"),
        (part("name=\"filename\""), "unexpected part `filename`"),
        (b"abc".to_vec(), "it does not begin with its boundary"),
        (form("../", "x"), "a name without any usable character"),
    ];
    for (body, rule) in forms {
        let reply = upload(&zenodo, &deposit, body);
        assert_eq!(reply.status, 400, "{rule}");
        let rules = rules(&zenodo);
        assert!(rules.len() == 1 && rules[0].ends_with(rule), "{rules:?}");
    }
}

#[test]
fn the_old_upload_has_a_limit() {
    let zenodo = fake();
    let (deposit, _) = paths(&zenodo);
    let length = tenon_fakes::zenodo::OLD_LIMIT + 1;
    let request = request("POST", &format!("{deposit}/files"))
        .header("content-type", FORM)
        .header("content-length", &length.to_string());
    let mut stream = request.start(&zenodo.origin());
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        stream.write_all(&piece).expect("a reading server");
    }
    stream.write_all(b"x").expect("a reading server");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("text/html"), "the web server's own page");
    assert!(zenodo.deposits()[0].files.is_empty());
}

#[test]
fn a_body_where_none_is_documented_is_a_violation() {
    let zenodo = fake();
    let (deposit, _) = ready(&zenodo);
    let origin = zenodo.origin();
    for (method, path) in [("GET", DEPOSITIONS), ("DELETE", deposit.as_str())] {
        let reply = request(method, path).json(&json!({})).send(&origin);
        assert_eq!(reply.status, 400, "{method}");
        assert_eq!(rules(&zenodo), [format!("a body on {method}")]);
    }
    let publish = request("POST", &format!("{deposit}/actions/publish")).json(&json!({}));
    publish.send(&origin);
    assert_eq!(rules(&zenodo), ["a body where none is documented"]);
}

#[test]
fn a_large_upload_is_counted_and_not_kept() {
    let zenodo = fake();
    let (_, bucket) = paths(&zenodo);
    let content = vec![b'z'; (4 << 20) + 1];
    let reply = request("PUT", &format!("{bucket}/big"))
        .body(content)
        .send(&zenodo.origin());
    assert_eq!(reply.status, 201);
    let deposit = &zenodo.deposits()[0];
    assert_eq!(deposit.files[0].size, (4 << 20) + 1);
    assert_eq!(deposit.files[0].content, None);
    assert_eq!(zenodo.calls()[1].received, (4 << 20) + 1);
    let download = request("GET", &format!("{bucket}/big")).send(&zenodo.origin());
    assert_eq!(download.status, 503);
}
