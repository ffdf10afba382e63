//! The list of files, in pages of every size.

use super::*;

const STORAGE: &str = "/v2/nodes/abcde/files/osfstorage/";

/// The root has two pages, with a folder on the first; that folder has another.
fn project() -> Script {
    let first = "?page%5Bsize%5D=100";
    let next = format!("@URL@{STORAGE}?page=2");
    let root = json!([
        entry("/a", "0000a"),
        entry("/f/", "0000f"),
        entry("/b", "0000b")
    ]);
    let root = Answer::json(200, &json!({"data": root, "links": {"next": next}}));
    let f = page(&json!([entry("/f/g/", "0000g"), entry("/f/c", "0000c")]));
    let g = page(&json!([entry("/f/g/d", "0000d")]));
    let rest = page(&json!([entry("/e", "0000e")]));
    Script::serve(vec![
        (format!("GET {STORAGE}{first}"), root),
        (format!("GET {STORAGE}0000f/{first}"), f),
        (format!("GET {STORAGE}0000g/{first}"), g),
        (format!("GET {STORAGE}?page=2"), rest),
    ])
}

#[test]
fn folders_are_walked_through_all_their_pages() {
    let (files, requests) = run_against(project(), |osf| {
        osf.list_files(
            "abcde",
            PageRequest {
                after: None,
                max: 9,
            },
        )
    });
    let page = files.unwrap();
    let names: Vec<_> = page.items.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a", "f/g/d", "f/c", "b", "e"]);
    assert_eq!(page.items[1].id, "0000d");
    assert_eq!(page.next, None);
    assert_eq!(requests.len(), 4);
}

#[test]
fn pages_of_any_size_make_the_same_list() {
    for max in 1..=6 {
        let (names, _) = run_against(project(), |osf| {
            let (mut names, mut after) = (Vec::new(), None::<String>);
            loop {
                let after_text = after.as_deref();
                let page = osf.list_files(
                    "abcde",
                    PageRequest {
                        after: after_text,
                        max,
                    },
                )?;
                assert!(page.items.len() <= max as usize);
                names.extend(page.items.into_iter().map(|file| file.name));
                after = page.next;
                if after.is_none() {
                    return Ok(names);
                }
            }
        });
        assert_eq!(names.unwrap(), ["a", "f/g/d", "f/c", "b", "e"], "{max}");
    }
}

#[test]
fn a_circle_of_folders_ends() {
    let circle = || page(&json!([entry("/f/", "0000f")]));
    let (result, requests) = run((0..40).map(|_| circle()).collect(), |osf| {
        osf.list_files(
            "abcde",
            PageRequest {
                after: None,
                max: 9,
            },
        )
    });
    assert_eq!(result.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(requests.len(), 32);
}

/// Folders without files do not make a page of the list cost any number of requests.
#[test]
fn a_page_is_a_bounded_number_of_requests() {
    let first = "?page%5Bsize%5D=100";
    let next = |n: usize| format!("{STORAGE}?page={n}");
    let pages = (0..90).map(|n| {
        let line = if n == 0 {
            format!("{STORAGE}{first}")
        } else {
            next(n)
        };
        let links = json!({"next": (n < 89).then(|| format!("@URL@{}", next(n + 1)))});
        let answer = Answer::json(200, &json!({"data": [], "links": links}));
        (format!("GET {line}"), answer)
    });
    let script = Script::serve(pages.collect());
    let (found, requests) = run_against(script, |osf| {
        let after = None;
        let begun = osf.list_files("abcde", PageRequest { after, max: 9 })?;
        let after = begun.next.as_deref();
        let ended = osf.list_files("abcde", PageRequest { after, max: 9 })?;
        Ok((begun.next.is_some(), ended.next))
    });
    assert_eq!(found.unwrap(), (true, None));
    assert_eq!(requests.len(), 90);
}

#[test]
fn a_link_out_of_the_project_is_not_followed() {
    for next in [
        "http://127.0.0.1:1/x?y",
        "@URL@/v2/nodes/other/files/osfstorage/?page=2",
    ] {
        let answer = Answer::json(200, &json!({"data": [], "links": {"next": next}}));
        let (result, requests) = run(vec![answer], |osf| {
            osf.list_files(
                "abcde",
                PageRequest {
                    after: None,
                    max: 9,
                },
            )
        });
        assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(requests.len(), 1);
    }
}
