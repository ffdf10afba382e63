//! What is wrong with an `sqapi.yml`, with line and column.

use super::*;

fn check_yml(main: &str, plugins: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(deployment(main, plugins).problems(), expected);
}

fn warnings(directory: &Directory) -> Vec<String> {
    let root = directory.root.path().display().to_string();
    let config = directory
        .load()
        .unwrap_or_else(|problems| panic!("{problems}"));
    let warnings = config.warnings.iter();
    warnings
        .map(|it| it.to_string().replace(&root, "$"))
        .collect()
}

#[test]
fn what_is_no_yaml_is_refused() {
    let problems = deployment("msg_broker:\n  host: 'mq\n", &[("sizes", "")]).problems();
    let [problem] = &problems[..] else {
        panic!("{problems:?}")
    };
    assert!(problem.starts_with("sqapi.yml:"), "{problem}");
    check_yml(
        "- a\n- b\n",
        &[("sizes", "")],
        &["sqapi.yml:1:1: expected a mapping of topics, not list"],
    );
    check_yml(
        "custom: {a: !python/name:os.system x}\n",
        &[("sizes", "")],
        &["sqapi.yml:1:13: unknown tag `!python/name:os.system`"],
    );
    let deep = "[".repeat(200) + &"]".repeat(200);
    let problems = deployment(&format!("custom: {deep}\n"), &[("sizes", "")]).problems();
    assert!(
        problems[0].contains("levels") || problems[0].contains("limit"),
        "{problems:?}"
    );
}

#[test]
fn a_file_that_is_missing_is_named() {
    let directory = deployment("", &[("sizes", "")]);
    directory.write("sqapi/main.toml", b"sqapi_yml = 'none.yml'\n");
    assert_eq!(
        directory.problems(),
        ["none.yml: No such file or directory (os error 2)"]
    );
}

#[test]
fn types_that_are_not_offered_are_named_with_those_that_are() {
    check_yml(
        "\
broker:
  type: kafka
data_store:
  type: s3
meta_store:
  type: memcached
database:
  type: elasticsearch
",
        &[("sizes", "")],
        &[
            "sqapi.yml:2:9: broker.type: `kafka` is not offered; there is `rabbitmq`; the pipeline's own `[broker]` also takes `nats` and `embedded`",
            "sqapi.yml:4:9: data_store.type: `s3` is no type of this topic; there is `disk`, `swift`",
            "sqapi.yml:6:9: meta_store.type: `memcached` is no type of this topic; there is `redis`",
            "sqapi.yml:8:9: database.type: `elasticsearch` is not offered; there is `postgres`",
        ],
    );
}

#[test]
fn everything_that_is_wrong_is_named_where_it_stands() {
    check_yml(
        "\
msg_broker:
  port: 'hunter2'
  process_delay: soon
  exchange_type: loud
data_store:
  type: swift
  auth_url: nowhere
database:
  connection:
    port: 70000
    host: [a]
active_plugins: [sizes, nothing]
",
        &[("sizes", "plugin:\n  timeout: -1\n")],
        &[
            "$/deployed/sizes/config.yml:2:12: plugin.timeout: expected seconds, 0 to 86400",
            "sqapi.yml:2:9: msg_broker.port: expected a port, 1 to 65535",
            "sqapi.yml:3:18: msg_broker.process_delay: expected seconds, 0 to 86400",
            "sqapi.yml:5:1: data_store: `swift` needs `access_key_id` and `secret_access_key`",
            "sqapi.yml:7:13: data_store.auth_url: not of the form `https://host` or `http://host:port`",
            "sqapi.yml:10:11: database.connection.port: expected a port, 1 to 65535",
            "sqapi.yml:11:5: database.connection.host: expected a text, not list",
            "sqapi.yml:12:25: active_plugins[1]: no plugin `nothing`; there are `sizes`",
        ],
    );
}

#[test]
fn what_the_native_form_refuses_is_named_in_yaml() {
    check_yml(
        "msg_broker:\n  exchange_type: loud\n",
        &[("sizes", "plugin:\n  mime_types: ['/']\n"), ("health", "")],
        &[
            "$/deployed/health/config.yml:1:1: $/plugins/health.wasm: No such file or directory (os error 2)",
            "$/deployed/health/config.yml:1:1: `/health` is the pipeline's own address",
            "$/deployed/sizes/config.yml:2:16: plugin.mime_types[0]: `/` is no media type: expected `type/subtype`, `type/*` or `*`",
            "sqapi.yml:2:18: msg_broker.exchange_type: `loud` is none of fanout, topic, direct, headers",
        ],
    );
}

#[test]
fn nobody_consumes_without_plugins() {
    let none = ["sqapi/main.toml:1: processors: none: every message would count as done"];
    check_yml("", &[], &none);
    let mut directory = deployment("", &[("sizes", "")]);
    directory.variables.push(("PLUGIN", "size"));
    assert_eq!(
        directory.problems(),
        ["PLUGIN: no plugin `size`; there are `sizes`"]
    );
}

#[test]
fn what_sqapi_would_pass_over_is_warned_of() {
    let main = "\
msg_broker:
  hosts: mq
mesage:
  parser: {}
disabled_plugins: [gone]
";
    let directory = deployment(main, &[("sizes", "")]);
    std::fs::create_dir(directory.root.path().join("deployed/stray")).unwrap();
    let warnings = warnings(&directory);
    let begins: Vec<_> = warnings
        .iter()
        .map(|it| it.split(';').next().unwrap())
        .collect();
    assert_eq!(
        begins,
        [
            "$/deployed/stray: no plugin: has no config.yml",
            "sqapi.yml:2:10: msg_broker.hosts: unknown key, which means nothing",
            "sqapi.yml:3:1: mesage: unknown topic, which means nothing",
            "sqapi.yml:5:20: disabled_plugins[0]: no plugin `gone`",
        ]
    );
}

#[test]
fn connectors_that_are_not_the_pipelines_are_refused() {
    let directory = deployment("", &[("sizes", "")]);
    directory.write(
        "sqapi/main.toml",
        b"sqapi_yml = 'sqapi.yml'\nplugins_directory = 'deployed'\ndata_root = 'objects'\n\
          [connectors.size]\nisolation = 'call'\n",
    );
    assert_eq!(
        directory.problems(),
        [
            "sqapi/main.toml:4: connectors.size: no connector of this pipeline; there are `data`, `database`, `sizes`"
        ]
    );
}

/// A custom table that looks like a reference is none.
#[test]
fn what_looks_like_a_reference_is_data() {
    let mut directory = deployment("", &[("sizes", "custom:\n  where: {env: HOME}\n")]);
    directory.variables.push(("HOME", "hunter2"));
    let config = directory
        .load()
        .unwrap_or_else(|problems| panic!("{problems}"));
    let sizes = config.connectors.last().unwrap();
    assert_eq!(sizes.values["where"], r#"{"env":"HOME"}"#);
}

#[test]
fn no_secret_is_ever_in_a_problem() {
    // Each secret where it belongs, in a form that is refused, and where it does not.
    let main = "\
msg_broker: {password: [hunter2], heartbeat: hunter2}
data_store: {type: swift, access_key_id: [hunter2], secret_access_key: {a: hunter2}}
meta_store: {password: {hunter2: hunter2}, port: hunter2, tls: hunter2, db: 1}
database: {connection: {password: [hunter2], port: hunter2, timeout: hunter2}}
";
    let problems = deployment(main, &[("sizes", "")]).problems();
    assert!(problems.len() >= 8, "{problems:?}");
    assert!(
        !problems.iter().any(|it| it.contains("hunter2")),
        "{problems:?}"
    );
}
