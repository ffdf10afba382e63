//! What a connector says of itself to the RDS installation.

use super::*;
use crate::frontend::rds::{LoginForm, OnFailure, Part, TransferMode};
use crate::plugin::Role;

const STORAGE: &str = "[rds]\ntoken_storage = 'http://storage/'\nredirect_uri = 'https://rds/'\n";

const REGISTRATION: &str = "\
plugin = 'plain'
[rds]
service = { env = 'SERVICENAME', format = 'Cloud-{}', default = 'cloud' }
[rds.registration]
display_name = 'Cloud'
description = { en = 'Files', de = 'Dateien' }
icon = 'icon.svg'
info_url = 'https://cloud.example/about us'
help_url = { env = 'HELP', default = 'https://cloud.example/help' }
metadata_profile = 'profile.json'
project_link_template = 'https://cloud.example/${projectId}'
file_transfer_mode = 'passive-with-link'
file_transfer_archive = 'zip'
[rds.registration.oauth]
authorize_url = { env = 'ADDRESS', format = '{}/authorize?scope=x' }
refresh_url = { env = 'ADDRESS', format = '{}/token' }
client_id = { env = 'CLIENT_ID', default = '' }
client_secret = { env = 'CLIENT_SECRET' }
";

fn directory(host: &str, connector: &str, variables: &[(&'static str, &'static str)]) -> Directory {
    let mut directory = Directory::new(&[
        ("host.toml", &format!("{HOST}{host}")),
        ("connectors/port-x.toml", connector),
        ("icon.svg", "<svg/>"),
        ("profile.json", "{}"),
    ]);
    directory.variables = variables.to_vec();
    directory
}

fn rds(directory: &Directory) -> Rds {
    let config = directory.load().unwrap();
    let Frontend::Rds(rds) = &config.connectors[0].frontend else {
        panic!("another frontend");
    };
    Rds::clone(rds)
}

const CLIENT: [(&str, &str); 3] = [
    ("ADDRESS", "https://cloud.example"),
    ("CLIENT_ID", "me"),
    ("CLIENT_SECRET", "s3cret"),
];

#[test]
fn reads_a_whole_registration() {
    let directory = directory(STORAGE, REGISTRATION, &CLIENT);
    let rds = rds(&directory);
    assert_eq!(rds.service.as_deref(), Some("port-cloud"));
    assert_eq!(rds.hosts, ["layer1-port-cloud"]);
    let registration = rds.registration_as(&[Role::FileStore].into()).unwrap();
    assert!(!format!("{registration:?}").contains("s3cret"));
    assert_eq!(registration.service, "port-cloud");
    assert_eq!(registration.implements, [Part::FileStorage]);
    assert_eq!(registration.display_name, "Cloud");
    assert_eq!(registration.description["de"], "Dateien");
    let icon = registration.icon.unwrap();
    assert_eq!(icon, "data:image/svg+xml;base64,PHN2Zy8+");
    assert_eq!(registration.info_url, "https://cloud.example/about us");
    assert_eq!(registration.help_url, "https://cloud.example/help");
    assert_eq!(registration.metadata_profile.as_deref(), Some("e30="));
    let template = "https://cloud.example/${projectId}";
    assert_eq!(registration.project_link_template, template);
    assert_eq!(
        registration.file_transfer_mode,
        TransferMode::PassiveWithLink
    );
    let LoginForm::OAuth(oauth) = registration.login else {
        panic!("a client")
    };
    assert_eq!(
        oauth.authorize_url,
        "https://cloud.example/authorize?redirect_uri=https://rds/&response_type=code&client_id=me&scope=x"
    );
    assert_eq!(oauth.refresh_url, "https://cloud.example/token");
    assert_eq!(oauth.client_id, "me");
    assert_eq!(oauth.client_secret.expose_secret(), "s3cret");
}

#[test]
fn a_service_may_be_named_by_the_environment() {
    let mut variables = CLIENT.to_vec();
    variables.push(("SERVICENAME", "Example-org"));
    let rds = rds(&directory(STORAGE, REGISTRATION, &variables));
    assert_eq!(rds.service.as_deref(), Some("port-cloud-example-org"));
    assert_eq!(rds.hosts, ["layer1-port-cloud-example-org"]);
    assert_eq!(rds.registration.unwrap().service, "port-cloud-example-org");
}

#[test]
fn without_a_storage_nothing_is_required() {
    for host in [
        "",
        "[rds]\ntoken_storage = { env = 'STORAGE', default = '' }\n",
    ] {
        let rds = rds(&directory(host, REGISTRATION, &[]));
        assert!(rds.registration.is_none());
        assert_eq!(rds.hosts, ["layer1-port-cloud"]);
    }
    // What the file itself says is checked all the same.
    let text = REGISTRATION.replace("client_id", "klient_id");
    let problems = directory("", &text, &[]).problems();
    let keys: Vec<_> = problems
        .iter()
        .filter_map(|problem| problem.split(": ").nth(1))
        .collect();
    assert_eq!(
        keys,
        [
            "rds.registration.oauth.client_id",
            "rds.registration.oauth.klient_id"
        ]
    );
}

#[test]
fn a_client_is_whole_or_a_mistake() {
    let empty = [("ADDRESS", "cloud.example"), ("CLIENT_SECRET", "")];
    assert_eq!(
        directory(STORAGE, REGISTRATION, &empty).problems(),
        [
            "connectors/port-x.toml:15: rds.registration.oauth.authorize_url: expected `http://` or `https://` and a host",
            "connectors/port-x.toml:16: rds.registration.oauth.refresh_url: expected `http://` or `https://` and a host",
            "connectors/port-x.toml:17: rds.registration.oauth.client_id: empty",
            "connectors/port-x.toml:18: rds.registration.oauth.client_secret: `CLIENT_SECRET` not set, or empty, in the environment",
        ],
    );
}

#[test]
fn names_what_is_wrong_with_a_registration() {
    let text = "\
plugin = 'plain'
[rds]
service = 'a b'
[rds.registration]
icon = 'profile.json'
info_url = 'about'
metadata_profile = 'icon.svg'
file_transfer_mode = 'push'
file_transfer_archive = 'tar'
";
    assert_eq!(
        directory(STORAGE, text, &[]).problems(),
        [
            "connectors/port-x.toml:3: rds.service: `a b` cannot be part of a host name: use letters, digits, `-` and `.`",
            "connectors/port-x.toml:4: rds.registration: expected either `oauth` or `credentials`",
            "connectors/port-x.toml:5: rds.registration.icon: profile.json: no picture of a type known here: svg, png, jpg, gif, webp or ico",
            "connectors/port-x.toml:6: rds.registration.info_url: expected `http://` or `https://` and a host",
            "connectors/port-x.toml:7: rds.registration.metadata_profile: icon.svg: no JSON object",
            "connectors/port-x.toml:8: rds.registration.file_transfer_mode: `push` is none of the values of this key",
            "connectors/port-x.toml:9: rds.registration.file_transfer_archive: `tar` is none of the values of this key",
        ],
    );
    let registration = "[rds.registration.credentials]\nuser_id = true\n";
    let text = format!("plugin = 'plain'\n[rds]\nservice = 'x'\n{registration}");
    let other =
        format!("plugin = 'plain'\nhosts = ['other']\n[rds]\nservice = 'x'\n{registration}");
    let directory = directory(STORAGE, &text, &[]);
    directory.write("connectors/port-y.toml", other.as_bytes());
    let expected = "connectors/port-y.toml:5: rds.registration: service `port-x` is taken by connectors/port-x.toml";
    assert_eq!(directory.problems(), [expected]);
}

#[test]
fn what_a_chart_empties_is_sent_empty() {
    let text = "\
plugin = 'plain'
[rds.registration]
display_name = { env = 'NAME', default = 'Default' }
icon = { env = 'ICON', default = 'icon.svg' }
info_url = { env = 'INFO', default = 'https://default' }
metadata_profile = { env = 'PROFILE', default = 'profile.json' }
[rds.registration.credentials]
password = true
";
    let emptied = ["NAME", "ICON", "INFO", "PROFILE"].map(|name| (name, ""));
    let registration = rds(&directory(STORAGE, text, &emptied))
        .registration
        .unwrap();
    assert_eq!(registration.display_name, "");
    assert_eq!(registration.icon, None);
    assert_eq!(registration.info_url, "");
    assert_eq!(registration.metadata_profile, None);
    let registration = rds(&directory(STORAGE, text, &[])).registration.unwrap();
    assert_eq!(registration.service, "port-x");
    assert_eq!(registration.display_name, "Default");
    assert!(registration.icon.is_some() && registration.metadata_profile.is_some());
    let LoginForm::Credentials { user_id, password } = registration.login else {
        panic!("credentials")
    };
    assert!(!user_id && password);
}

#[test]
fn an_icon_may_be_its_own_data() {
    let text = |icon: &str| {
        format!(
            "plugin = 'plain'\n[rds.registration]\nicon = '{icon}'\n[rds.registration.credentials]\n"
        )
    };
    let icon = "data:image/png;base64,iVBORw==";
    let registration = rds(&directory(STORAGE, &text(icon), &[])).registration;
    assert_eq!(registration.unwrap().icon.as_deref(), Some(icon));
    for icon in [
        "data:image/png,abc",
        "data:;base64,AAAA",
        "data:a/b;base64,#",
    ] {
        let problems = directory(STORAGE, &text(icon), &[]).problems();
        assert_eq!(
            problems,
            [
                "connectors/port-x.toml:3: rds.registration.icon: expected `data:<type>;base64,` and base64"
            ]
        );
    }
}

#[test]
fn the_installation_is_checked() {
    let host = "[rds]\ntoken_storage = 'storage'\nport_service = 'http://p?q'\n[rds.registration]\non_failure = 'die'\ntimeout_ms = 0\n";
    assert_eq!(
        directory(host, "plugin = 'plain'", &[]).problems(),
        [
            "host.toml:5: rds.token_storage: no URL: relative URL without a base",
            "host.toml:6: rds.port_service: expected `http://` or `https://`, a host, and no query or fragment",
            "host.toml:8: rds.registration.on_failure: `die` is none of the values of this key",
            "host.toml:9: rds.registration.timeout_ms: must be at least 1",
        ],
    );
    let host = "[rds]\ntoken_storage = 'http://s'\nport_service = 'http://p/x/'\n[rds.registration]\non_failure = 'exit'\ntimeout_ms = 7\n[rds.lookup]\ntimeout_ms = 8\n";
    let config = directory(host, "plugin = 'plain'", &[]).load().unwrap();
    let installation = config.host.installation;
    assert_eq!(installation.on_failure, OnFailure::Exit);
    assert_eq!(installation.registration_timeout.as_millis(), 7);
    assert_eq!(installation.lookup_timeout.as_millis(), 8);
    assert_eq!(installation.port_service.unwrap().to_string(), "http://p/x");
}

#[test]
fn a_connector_that_uses_its_callers_credential_says_so() {
    let http = "plugin = 'plain'\n[[grants.http]]\norigin = 'http://a'\n";
    for (grants, needs) in [
        ("plugin = 'plain'\n".to_owned(), false),
        (http.to_owned(), false),
        (format!("{http}credentials = {{ caller = 'x' }}\n"), true),
        (
            format!("{http}credentials = {{ key = 'Bearer {{caller}}' }}\n"),
            true,
        ),
        (
            format!("{http}credentials = {{ key = '{{user}}' }}\n"),
            false,
        ),
        (
            "plugin = 'plain'\n[grants]\nreveal_caller = true\n".to_owned(),
            true,
        ),
    ] {
        let rds = rds(&directory("", &grants, &[]));
        assert_eq!(rds.needs_credential, needs, "{grants}");
    }
}

#[test]
fn the_environment_says_which_connectors_there_are() {
    for (enabled, there) in [
        ("true", true),
        ("false", false),
        ("{ env = 'WANTED', default = 'False' }", true),
        ("{ env = 'UNSET', default = 'False' }", false),
        ("{ set = ['UNSET', 'WANTED'] }", true),
        ("{ set = 'EMPTY' }", false),
    ] {
        // One that is not there may be anything.
        let plugin = if there { "plain" } else { "absent" };
        let text = format!("enabled = {enabled}\nplugin = '{plugin}'\n");
        let variables = [("WANTED", "True"), ("EMPTY", "")];
        let config = directory("", &text, &variables).load().unwrap();
        assert_eq!(config.connectors.len(), usize::from(there), "{enabled}");
    }
    check_connector(
        "enabled = 'perhaps'\nplugin = 'plain'\n",
        &["connectors/c.toml:1: enabled: expected true or false"],
    );
}

#[test]
fn a_format_has_one_blank() {
    check_connector(
        "plugin = 'plain'\n[config]\na = { env = 'A', format = 'x' }\nb = { env = 'A', format = '{}{}', default = 'b' }\n",
        &[
            "connectors/c.toml:3: config.a: `A` not set, or empty, in the environment",
            "connectors/c.toml:3: config.a.format: expected one `{}`, where the variable's text goes",
            "connectors/c.toml:4: config.b.format: expected one `{}`, where the variable's text goes",
        ],
    );
}

#[test]
fn no_problem_quotes_a_value() {
    let text = "\
plugin = 'plain'
[rds]
break_error_bodies = 'hunter2'
[rds.registration.credentials]
password = 'hunter2, expected hunter2'
[grants]
reveal_caller = 'hunter2'
[[grants.secrets]]
name = ['hunter2']
value = 'hunter2'
[limits]
cpu_ms = 'hunter2'
memory_bytes = ['hunter2']
";
    let problems = directory(STORAGE, text, &[]).problems();
    assert_eq!(problems.len(), 7, "{problems:#?}");
    assert!(!problems.join("\n").contains("hunter2"), "{problems:#?}");
    assert_eq!(
        problems[0],
        "connectors/port-x.toml:3: rds.break_error_bodies: invalid string: expected a boolean"
    );
}
