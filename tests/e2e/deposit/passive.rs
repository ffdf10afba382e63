//! Uploads that the host does by itself: the caller names a folder of
//! another connector, and a user whose credential the port service knows.

use tenon_fakes::PortService;
use tenon_tests::client;
use tenon_tests::setup::archive;

use super::*;

const USER: &str = "alice@cloud.example";

struct Installation {
    apache: Apache,
    _ports: PortService,
    host: Host,
}

async fn start_all() -> Installation {
    let apache = Apache::start().await;
    let ports = PortService::start();
    ports.add_oauth_token(USER, "port-owncloud", "alice", ALICE);
    let setup = Setup::new();
    let host_toml = std::fs::read_to_string(setup.path("host.toml")).unwrap();
    let port_service = format!("[rds]\nport_service = '{}'\n", ports.base());
    setup.write("host.toml", host_toml.replace("[rds]\n", &port_service));
    let folder = setup.path("archive");
    std::fs::create_dir_all(&folder).unwrap();
    let cloud = owncloud(&apache.url(), "owncloud", "Bearer {caller}");
    let setup = setup
        .connector("port-owncloud", &cloud)
        .connector("port-archive", &archive(&folder));
    Installation {
        apache,
        host: setup.start().await,
        _ports: ports,
    }
}

async fn fetch(caller: &Caller, project: &str, service: &str, username: &str) -> Answer {
    let body = format!(
        "folder=%2FDocs&service={service}&username={}&userId=alice",
        username.replace('@', "%40")
    );
    let caller = caller
        .clone()
        .with("content-type", "application/x-www-form-urlencoded");
    let path = format!("/metadata/project/{project}/files");
    client::send(caller.address, caller.request("POST", &path, &body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_fetches_a_folder_by_itself() {
    let all = start_all().await;
    let large = vec![b'x'; 8 << 20];
    for (path, content) in [
        ("Docs/a.txt", b"first".as_slice()),
        ("Docs/sub/large.bin", &large),
        ("Docs/empty", b""),
    ] {
        all.apache.store("alice", path, content);
    }
    let repository = all.host.caller("port-archive", "alice");
    let id = project_id(&repository.create_project().await);
    let answer = fetch(&repository, &id, "port-owncloud", USER).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["success"], true);
    let listed = repository.project_files(&id).await.json();
    let files: Vec<_> = listed.as_array().unwrap().iter().collect();
    let file = |name: &str| files.iter().find(|file| file["filename"] == name).unwrap();
    assert_eq!(files.len(), 3, "{listed}");
    assert_eq!(file("sub/large.bin")["size"], large.len());
    assert_eq!(file("empty")["size"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_fetched_is_told_and_the_rest_is_stored() {
    let all = start_all().await;
    for name in ["a.txt", "locked.txt", "z.txt"] {
        all.apache
            .store("alice", &format!("Docs/{name}"), name.as_bytes());
    }
    let locked = all.apache.path("alice", "Docs/locked.txt");
    set_permissions(locked, Permissions::from_mode(0o000)).unwrap();
    let repository = all.host.caller("port-archive", "alice");
    let id = project_id(&repository.create_project().await);
    let answer = fetch(&repository, &id, "port-owncloud", USER).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    let json = answer.json();
    assert_eq!(json["success"], false);
    assert!(json["message"].as_str().unwrap().contains("1 of 3 files"));
    assert_eq!(json["failed"][0]["filename"], "locked.txt");
    let mut stored: Vec<_> = json["stored"].as_array().unwrap().iter().collect();
    stored.sort_by_key(|name| name.to_string());
    assert_eq!(stored, ["a.txt", "z.txt"]);
    let listed = repository.project_files(&id).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    // Nobody, and nowhere.
    for (service, username, status) in [
        ("port-owncloud", "bob@cloud.example", 401),
        ("port-elsewhere", USER, 404),
    ] {
        let answer = fetch(&repository, &id, service, username).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.json()["success"], false);
        assert!(answer.json()["message"].is_string());
    }
}
