use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{Archive, LoginForm, OAuth, Part, Registration, TransferMode};

fn registration() -> Registration {
    Registration {
        service: "port-zenodo".to_owned(),
        implements: vec![Part::Metadata],
        display_name: "Zenodo".to_owned(),
        description: [("en".to_owned(), "Deposits".to_owned())].into(),
        icon: None,
        info_url: String::new(),
        help_url: String::new(),
        metadata_profile: None,
        project_link_template: String::new(),
        file_transfer_mode: TransferMode::Active,
        file_transfer_archive: Archive::None,
        login: LoginForm::Credentials {
            user_id: true,
            password: false,
        },
    }
}

fn body(registration: &Registration) -> Value {
    serde_json::from_str(registration.body().expose_secret()).unwrap()
}

fn check(change: impl Fn(&mut Registration), name: &str, expected: Value) {
    let mut registration = registration();
    change(&mut registration);
    assert_eq!(body(&registration)[name], expected, "{name}");
}

fn oauth() -> LoginForm {
    let authorize = "https://z.example/oauth/authorize?scope=deposit%3Awrite";
    LoginForm::OAuth(OAuth {
        authorize_url: OAuth::authorize_url(authorize, "https://rds.example/", "id"),
        refresh_url: "https://z.example/oauth/token".to_owned(),
        client_id: "id".to_owned(),
        client_secret: SecretString::from("tok3n"),
    })
}

#[test]
fn a_login_service_has_all_members_and_no_others() {
    let expected = json!({
        "servicename": "port-zenodo",
        "implements": ["metadata"],
        "fileTransferMode": 0,
        "fileTransferArchive": 0,
        "description": { "en": "Deposits" },
        "icon": null,
        "infoUrl": "",
        "helpUrl": "",
        "displayName": "Zenodo",
        "metadataProfile": null,
        "projectLinkTemplate": "",
        "credentials": { "userId": true, "password": false },
    });
    assert_eq!(body(&registration()), expected);
}

#[test]
fn every_member_has_the_form_of_the_contract() {
    let both = vec![Part::FileStorage, Part::Metadata];
    check(
        |r| r.implements = both.clone(),
        "implements",
        json!(["fileStorage", "metadata"]),
    );
    for (mode, code) in [
        (TransferMode::Active, 0),
        (TransferMode::Passive, 1),
        (TransferMode::PassiveWithLink, 2),
    ] {
        check(
            |r| r.file_transfer_mode = mode,
            "fileTransferMode",
            json!(code),
        );
    }
    check(
        |r| r.file_transfer_archive = Archive::Zip,
        "fileTransferArchive",
        json!(1),
    );
    let icon = "data:image/png;base64,AAAA";
    check(|r| r.icon = Some(icon.to_owned()), "icon", json!(icon));
    let url = "https://a.example/b c?d=e";
    let encoded = json!("https%3A%2F%2Fa.example%2Fb+c%3Fd%3De");
    check(|r| r.info_url = url.to_owned(), "infoUrl", encoded.clone());
    check(|r| r.help_url = url.to_owned(), "helpUrl", encoded);
    let profile = "e30=";
    check(
        |r| r.metadata_profile = Some(profile.to_owned()),
        "metadataProfile",
        json!(profile),
    );
    let link = "https://z.example/record/${projectId}";
    check(
        |r| r.project_link_template = link.to_owned(),
        "projectLinkTemplate",
        json!(link),
    );
}

#[test]
fn an_oauth_service_has_its_client_and_no_credentials() {
    let mut registration = registration();
    registration.login = oauth();
    let body = body(&registration);
    assert_eq!(
        body["authorize_url"],
        "https://z.example/oauth/authorize%3Fredirect_uri=https://rds.example/\
         &response_type=code&client_id=id&scope=deposit%3Awrite"
    );
    assert_eq!(body["refresh_url"], "https://z.example/oauth/token");
    assert_eq!(body["client_id"], "id");
    assert_eq!(body["client_secret"], "tok3n");
    assert!(body.get("credentials").is_none());
    assert!(!format!("{registration:?} {:?}", registration.body()).contains("tok3n"));
}

#[test]
fn an_authorize_url_keeps_what_it_was_given() {
    let url = |url, redirect| OAuth::authorize_url(url, redirect, "a b");
    assert_eq!(
        url("https://o/a", ""),
        "https://o/a?response_type=code&client_id=a%20b"
    );
    assert_eq!(
        url(
            "https://o/a?client_id=x&response_type=token",
            "https://r/?b&c#d"
        ),
        "https://o/a?redirect_uri=https://r/?b%26c%23d&client_id=x&response_type=token"
    );
}
