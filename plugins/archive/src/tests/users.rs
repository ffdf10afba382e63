//! Whose projects they are.

use super::*;

fn projects(host: &Host) -> Vec<String> {
    let all = PageRequest {
        after: None,
        max: 99,
    };
    let page = host.run(|archive| archive.list_projects(all)).unwrap();
    assert_eq!(page.next, None);
    page.items.into_iter().map(|project| project.id).collect()
}

#[test]
fn a_project_does_not_exist_for_another_user() {
    let alice = Host::new();
    let bob = alice.beside("bob", &[]);
    let id = alice.create();
    alice.add(&id, "a.txt", "a").unwrap();
    assert_eq!(projects(&alice), std::slice::from_ref(&id));
    assert_eq!(projects(&bob), [""; 0]);
    for _ in ["draft", "published"] {
        bob.assert_unchangeable(&id, Kind::NotFound);
        assert_eq!(bob.metadata(&id).unwrap_err().kind(), Kind::NotFound);
        assert_eq!(bob.files(&id, 9).unwrap_err().kind(), Kind::NotFound);
        assert_eq!(bob.read(&id, "a.txt").unwrap_err().kind(), Kind::NotFound);
        assert_eq!(bob.publish(&id).unwrap_err().kind(), Kind::NotFound);
        assert_eq!(alice.read(&id, "a.txt").unwrap(), b"a");
        alice.publish(&id).unwrap();
    }
    assert_eq!(projects(&alice), [""; 0]);
}

#[test]
fn shared_projects_are_everybodys() {
    let alice = Host::new().beside("alice", &[("shared", "true")]);
    let bob = alice.beside("bob", &[("shared", "true")]);
    let nobody = alice.beside("", &[("shared", "true")]);
    let id = alice.create();
    bob.add(&id, "a.txt", "a").unwrap();
    assert_eq!(nobody.read(&id, "a.txt").unwrap(), b"a");
    assert_eq!(projects(&nobody), std::slice::from_ref(&id));
    // A user's own projects are others, whatever the user is called.
    for name in ["alice", "~everybody"] {
        assert_eq!(projects(&alice.beside(name, &[])), [""; 0]);
    }
}

#[test]
fn without_a_user_there_are_no_own_projects() {
    let nobody = Host::new().beside("", &[]);
    let created = nobody.run(|archive| archive.create_project(None));
    assert_eq!(created.unwrap_err().kind(), Kind::Unauthenticated);
    let id = Id::random().to_string();
    nobody.assert_unchangeable(&id, Kind::Unauthenticated);
}

#[test]
fn odd_names_of_users_stay_in_the_archive() {
    let host = Host::new();
    for user in [
        "..",
        "a/../../b",
        "/etc",
        "\0",
        "---",
        "al@ice@cloud",
        "\u{fc}",
    ] {
        let odd = host.beside(user, &[]);
        let id = odd.create();
        odd.add(&id, "a", "a").unwrap();
        odd.publish(&id).unwrap();
        assert_eq!(odd.read(&id, "a").unwrap(), b"a", "{user:?}");
    }
    let outside = fs::read_dir(host.directory.path()).unwrap();
    assert_eq!(outside.count(), 4);
}
