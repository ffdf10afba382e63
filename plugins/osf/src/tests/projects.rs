//! Projects: listed, made, changed and removed.

use super::*;

const MINE: &str = "GET /v2/users/me/nodes/?filter%5Bpublic%5D=false&page%5Bsize%5D=";

fn linked(data: &Value, next: &str) -> Answer {
    Answer::json(200, &json!({"data": data, "links": {"next": next}}))
}

fn list(osf: &Osf, after: Option<&str>, max: u32) -> Result<Page<Project>> {
    osf.list_projects(PageRequest { after, max })
}

#[test]
fn the_pages_of_the_list_follow_its_links() {
    let second = "users/me/nodes/?filter%5Bpublic%5D=false&page=2&page%5Bsize%5D=2";
    let answers = vec![
        // A service that does not heed the filter changes nothing.
        linked(
            &json!([node("aaaaa", false), node("bbbbb", true)]),
            &format!("@URL@/v2/{second}"),
        ),
        page(&json!([node("ccccc", false)])),
    ];
    let (pages, requests) = run(answers, |osf| {
        let first = list(osf, None, 2)?;
        let last = list(osf, first.next.as_deref(), 2)?;
        Ok((first, last))
    });
    let (first, last) = pages.unwrap();
    assert_eq!(first.next.as_deref(), Some(second));
    assert_eq!(
        (first.items.len(), first.items[0].id.as_str()),
        (1, "aaaaa")
    );
    assert_eq!(first.items[0].metadata, r#"{"public":false,"title":"T"}"#);
    assert_eq!((last.items[0].id.as_str(), last.next), ("ccccc", None));
    assert_eq!(requests, [format!("{MINE}2"), format!("GET /v2/{second}")]);
}

#[test]
fn a_page_is_no_larger_than_the_services() {
    let (result, requests) = run(vec![page(&json!([]))], |osf| list(osf, None, 5000));
    assert_eq!(result.unwrap().items, []);
    assert_eq!(requests, [format!("{MINE}100")]);
    let (result, requests) = run(Vec::new(), |osf| list(osf, None, 0));
    assert_eq!(result.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(requests, [""; 0]);
    let two = page(&json!([node("aaaaa", false), node("bbbbb", false)]));
    let (result, _) = run(vec![two], |osf| list(osf, None, 1));
    assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
}

#[test]
fn a_link_that_leads_out_is_not_followed() {
    for next in [
        "http://127.0.0.1:1/v2/users/me/nodes/?page=2",
        "/v2/users/me/nodes/?page=2",
    ] {
        let (result, _) = run(vec![linked(&json!([]), next)], |osf| list(osf, None, 9));
        let error = result.unwrap_err();
        assert_eq!(
            (error.kind(), error.subject()),
            (Kind::Unavailable, next.split('?').next())
        );
    }
    let other = linked(&json!([]), "@URL@/v2/users/abcde/nodes/?page=2");
    let (result, _) = run(vec![other], |osf| list(osf, None, 9));
    assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
    let (result, requests) = run(Vec::new(), |osf| list(osf, Some("nodes/?page=2"), 9));
    assert_eq!(result.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(requests, [""; 0]);
}

#[test]
fn an_answer_that_is_not_understood_is_not_quoted() {
    let answer = Answer::json(200, &json!({"data": "s3cr3t"}));
    let (result, _) = run(vec![answer], |osf| osf.get_project("abcde"));
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
}

#[test]
fn a_project_is_made_in_one_request() {
    let (project, requests) = run(vec![resource(201, &node("abcde", false))], |osf| {
        osf.create_project(Some(r#"{"title":"T","description":"D","tags":["a"]}"#))
    });
    assert_eq!(project.unwrap().id, "abcde");
    let body = json!({"data": {"type": "nodes", "attributes": {
        "title": "T", "category": "project", "description": "D", "tags": ["a"],
    }}});
    let body = body.to_string();
    assert_eq!(
        requests,
        [format!("POST /v2/nodes/ [{}] {body}", body.len())]
    );

    let (_, requests) = run(vec![resource(201, &node("abcde", false))], |osf| {
        osf.create_project(None)
    });
    assert!(
        requests[0].contains(r#""title":"Untitled project""#),
        "{requests:?}"
    );
}

#[test]
fn wrong_metadata_makes_no_project() {
    let (result, requests) = run(Vec::new(), |osf| osf.create_project(Some("[]")));
    assert_eq!(result.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(requests, [""; 0]);
}

#[test]
fn a_project_that_may_be_there_is_reported() {
    for answer in [
        Answer::Lost,
        Answer::json(502, &json!({})),
        resource(201, &json!({"id": "../x", "attributes": {"public": false}})),
    ] {
        let (result, requests) = run(vec![answer], |osf| {
            osf.create_project(Some(r#"{"title":"T 1"}"#))
        });
        let error = result.unwrap_err();
        assert_eq!(
            (error.kind(), error.subject()),
            (Kind::Unavailable, Some("T 1"))
        );
        assert!(error.message().contains("may be there"), "{error}");
        assert_eq!(requests.len(), 1);
    }
    let (result, _) = run(vec![Answer::json(403, &json!({}))], |osf| {
        osf.create_project(None)
    });
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(!error.message().contains("may be there"), "{error}");
}

#[test]
fn an_update_names_what_it_sets() {
    let draft = || resource(200, &node("abcde", false));
    let (metadata, requests) = run(vec![draft(), draft()], |osf| {
        osf.update_project("abcde", Some(r#"{"osf_category":"data"}"#))
    });
    assert_eq!(metadata.unwrap(), r#"{"public":false,"title":"T"}"#);
    let body = r#"{"data":{"attributes":{"category":"data"},"id":"abcde","type":"nodes"}}"#;
    let patch = format!("PATCH /v2/nodes/abcde/ [{}] {body}", body.len());
    assert_eq!(requests, ["GET /v2/nodes/abcde/".to_owned(), patch]);

    for nothing in [None, Some("null"), Some("{}")] {
        let (metadata, requests) = run(vec![draft()], |osf| osf.update_project("abcde", nothing));
        assert_eq!(metadata.unwrap(), r#"{"public":false,"title":"T"}"#);
        assert_eq!(requests, ["GET /v2/nodes/abcde/"]);
    }
}

#[test]
fn a_draft_can_be_removed() {
    let answers = vec![resource(200, &node("abcde", false)), Answer::empty(204)];
    let (result, requests) = run(answers, |osf| osf.delete_project("abcde"));
    assert_eq!(result, Ok(()));
    assert_eq!(
        requests,
        ["GET /v2/nodes/abcde/", "DELETE /v2/nodes/abcde/"]
    );
}
