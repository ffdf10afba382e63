//! What a person sees who has just started the host.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use crate::config::{ADMIN_ADDRESS, Config, Frontend};
use crate::frontend::sqapi::Settings;

/// The store of the shipped configuration, and a file in it.
const STORE: (&str, &str) = ("port-disk", "/welcome.txt");
/// The repository of the shipped configuration.
const REPOSITORY: &str = "port-archive";
const USER: &str = "demo";
/// A picture that is shipped with the configuration.
const PICTURE: &str = "runtime-config/samples/harbour.jpg";
/// Where `make run` keeps the token of its operator, and the variable with its
/// hash: the commands below are of use where both are as it sets them.
const TOKEN_FILE: &str = "target/operator-token";
const TOKEN_VARIABLE: &str = "TENON_OPERATOR_TOKEN_SHA256";

/// A crate document that describes that file.
const CRATE: &str = r#"{"@context":"https://w3id.org/ro/crate/1.1/context","@graph":[{"@id":"ro-crate-metadata.json","@type":"CreativeWork","conformsTo":{"@id":"https://w3id.org/ro/crate/1.1"},"about":{"@id":"./"}},{"@id":"./","@type":"Dataset","name":"My first project","description":"Sent through Tenon.","datePublished":"2026-01-01","license":{"@id":"https://spdx.org/licenses/CC0-1.0"},"hasPart":[{"@id":"welcome.txt"}]},{"@id":"welcome.txt","@type":"File"}]}"#;

/// Prints where the host answers, and what to try. Goes to standard output,
/// where no log line stands in between.
pub(super) fn announce(config: &Config) {
    // Nobody may be reading.
    _ = std::io::stdout().write_all(text(config).as_bytes());
}

fn text(config: &Config) -> String {
    let (rds, admin) = (config.host.rds, config.host.admin);
    let mut text = format!(
        "\ntenon {} serves {} connectors on http://{rds}, health, metrics and the operators' API on http://{admin}\n",
        env!("CARGO_PKG_VERSION"),
        config.connectors.len(),
    );
    for connector in &config.connectors {
        let Frontend::Rds(rds) = &connector.frontend else {
            continue;
        };
        let hosts = rds.hosts.join(", ");
        text += &format!("  /connectors/{}  Host: {hosts}\n", connector.id);
    }
    let has = |id: &str| {
        let mut connectors = config.connectors.iter();
        connectors.any(|connector| connector.id.to_string() == id)
    };
    if has(STORE.0) {
        text += "\nTry, in another terminal:\n";
        for command in reading(rds) {
            text += &format!("  {command}\n");
        }
        if has(REPOSITORY) {
            text += "\nThen publish that file: make a project, describe it, fill it, publish it, and read it back:\n";
            for command in publishing(rds) {
                text += &format!("  {command}\n");
            }
        }
    }
    text += &pipelines(config);
    let by_make = std::env::var_os(TOKEN_VARIABLE).is_some() && Path::new(TOKEN_FILE).is_file();
    if by_make && !config.host.operators.is_empty() {
        text += "\nOperate it:\n";
        for command in operating(admin) {
            text += &format!("  {command}\n");
        }
    }
    text + "\n"
}

/// Where pipelines answer, and the way of a picture through one that takes
/// objects in.
fn pipelines(config: &Config) -> String {
    let mut text = String::new();
    let open = |settings: &&Settings| settings.intake.enabled && settings.intake.token.is_none();
    let pipelines = || config.pipelines.iter().map(|pipeline| &pipeline.settings);
    for settings in pipelines() {
        let listen = settings.listen.unwrap_or(config.host.sqapi);
        text += &format!(
            "\nThe sqAPI pipeline `{}` answers on http://{listen}\n",
            settings.id
        );
    }
    if let Some(settings) = pipelines().find(open)
        && Path::new(PICTURE).is_file()
    {
        let listen = settings.listen.unwrap_or(config.host.sqapi);
        text += "Drop a picture into it, and see what its processors found:\n";
        for command in dropping(listen) {
            text += &format!("  {command}\n");
        }
    }
    text
}

fn dropping(sqapi: SocketAddr) -> [String; 4] {
    let ask = |what: &str| format!("curl -s http://{sqapi}/{what}");
    [
        format!("curl -s -T {PICTURE} 'http://{sqapi}/objects/harbour.jpg?uuid=harbour'"),
        ask("hashes/uuid/harbour"),
        ask("exif/uuid/harbour"),
        ask("thumbnails/harbour -o thumbnail.jpg"),
    ]
}

/// Looks at the connectors and at the log.
fn operating(admin: SocketAddr) -> [String; 2] {
    let program = std::env::current_exe().unwrap_or_default();
    let here = std::env::current_dir().unwrap_or_default();
    let program = program.strip_prefix(&here).unwrap_or(&program).display();
    let url = format!("TENON_ADMIN_URL=http://{admin} ");
    // Left out where it is what the program takes by itself.
    let url = if admin == ADMIN_ADDRESS { "" } else { &url };
    let command =
        |command: &str| format!("{url}TENON_TOKEN=$(cat {TOKEN_FILE}) {program} {command}");
    [command("connectors"), command("logs --follow")]
}

/// Looks at the store.
fn reading(rds: SocketAddr) -> [String; 2] {
    let (store, path) = STORE;
    let read = |what: &str, path: &str| {
        let url = format!("http://{rds}/connectors/{store}/storage/{what}");
        json("GET", &url, &format!(r#""filepath":"{path}","#))
    };
    [read("folder", "/"), read("file", path)]
}

/// The way of a file from the store through the repository.
fn publishing(rds: SocketAddr) -> [String; 6] {
    let projects = format!("http://{rds}/connectors/{REPOSITORY}/metadata/project");
    let project = format!("{projects}/$id");
    let name = STORE.1.trim_start_matches('/');
    let [_, file] = reading(rds);
    let create = json("POST", &projects, "");
    [
        format!(r#"id=$({create} | sed 's/.*"projectId": *"\([^"]*\)".*/\1/'); echo $id"#),
        json("PATCH", &project, &format!(r#""metadata":{CRATE},"#)),
        format!(
            "{file} | curl -s -F userId={USER} -F filename={name} -F 'file=@-;filename={name}' {project}/files"
        ),
        json("PUT", &project, ""),
        json("GET", &project, ""),
        json("GET", &format!("{project}/files/{name}"), ""),
    ]
}

/// A request with a body of these members and the user.
fn json(method: &str, url: &str, members: &str) -> String {
    format!(
        "curl -s -X {method} {url} -H 'content-type: application/json' \
         -d '{{{members}\"userId\":\"{USER}\"}}'"
    )
}
