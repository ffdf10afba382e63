//! Pipelines in the native form.

use std::time::Duration;

use super::*;
use crate::frontend::sqapi::broker::Config as Broker;
use crate::frontend::sqapi::broker::rabbitmq::{Exchange, Topology};
use crate::frontend::sqapi::settings::{Mode, Parser};

/// What a pipeline is made of, for the default tenant and for `acme`.
fn directory(pipeline: &str) -> Directory {
    let directory = Directory::new(&[
        ("sqapi/main.toml", pipeline),
        ("tenants/acme.toml", ""),
        ("connectors/off.toml", "enabled = false\nplugin = 'db'\n"),
        ("connectors/store.toml", "plugin = 'plain'\n"),
    ]);
    for (name, roles) in [
        ("meta", &["metadata-store"][..]),
        ("db", &["database", "message-log"]),
        ("sizes", &["processor", "resources"]),
    ] {
        let plugin = playing_all(roles, &[]);
        directory.write(&format!("plugins/{name}.wasm"), &plugin);
        let text = format!("frontend = 'sqapi'\nplugin = '{name}'\n");
        directory.write(&format!("connectors/{name}.toml"), text.as_bytes());
        let text = format!("{text}name = '{name}'\ntenant = 'acme'\n");
        directory.write(&format!("connectors/acme-{name}.toml"), text.as_bytes());
    }
    directory
}

fn check(pipeline: &str, expected: &[&str]) {
    assert_eq!(directory(pipeline).problems(), expected);
}

const SMALL: &str = "\
data_store = 'store'
database = 'db'
[[processors]]
name = 'sizes'
connector = 'sizes'
";

const WHOLE: &str = "\
mode = 'loader'
listen = '127.0.0.1:5001'
data_store = 'store'
data_root = 'objects'
meta_store = 'meta'
database = 'db'
must_start = true
process_delay_ms = 250
[broker]
type = 'rabbitmq'
host = { env = 'MQ' }
port = 5673
vhost = 'v'
username = 'u'
password = 'env:MQ_PASSWORD'
heartbeat_ms = 1000
prefetch = 9
queue = 'q'
topology = 'passive'
[broker.exchange]
name = 'x'
kind = 'topic'
binding_keys = ['a.*', 'b']
[broker.dlq]
exchange = 'dead'
[message]
parser = { format = ['uuid', 'file'], delimiter = ';' }
required = ['project']
[message.fields]
uuid = 'uuid'
type = { key = 'mime', required = 'False' }
[message.mime]
path = ['mime', 'type']
guess = false
[limits]
message_bytes = 5
start_timeout_ms = 7
[retry]
delays_ms = [10, 20]
[intake]
token = 'file:token'
[[processors]]
name = 'sizes'
connector = 'sizes'
accepts = ['image/*', 'Text/Plain']
init = 'init.sql'
concurrency = 3
[[processors]]
name = 'Sizes_2'
connector = 'sizes'
accepts = []
init = { file = 'init.sql', database = 'db' }
";

fn whole() -> Directory {
    let mut directory = directory(WHOLE);
    directory.write("init.sql", b"SELECT 1");
    directory.write("token", b"hunter2");
    directory.variables = vec![("MQ", "mq.example"), ("MQ_PASSWORD", "s3cret")];
    directory
}

#[test]
fn reads_a_whole_pipeline() {
    let directory = whole();
    let mut config = directory.load().unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("hunter2"));
    let pipeline = config.pipelines.remove(0);
    assert_eq!(pipeline.file, "sqapi/main.toml");
    let settings = pipeline.settings;
    assert_eq!(settings.id.to_string(), "main");
    assert_eq!(settings.mode, Mode::Loader);
    assert_eq!(settings.listen.unwrap().port(), 5001);
    assert_eq!(settings.meta_store.unwrap().to_string(), "meta");
    let root = directory.root.path().join("objects");
    assert_eq!(settings.data_root.as_deref(), root.to_str());
    assert!(settings.must_start);
    assert_eq!(settings.process_delay, Duration::from_millis(250));
    assert_eq!(settings.limits.messages, 9);
    assert_eq!(settings.limits.message_bytes, 5);
    assert_eq!(settings.retry.delays, [10, 20].map(Duration::from_millis));
    assert!(settings.intake.enabled && settings.intake.token.is_some());
    let fields = &settings.parsing.fields;
    assert_eq!(
        (fields.uuid.key.as_str(), fields.uuid.required),
        ("uuid", true)
    );
    assert_eq!(
        (fields.media_type.key.as_str(), fields.media_type.required),
        ("mime", false)
    );
    assert!(fields.meta_location.required);
    assert_eq!(fields.required, ["project"]);
    let Parser::Delimited { format, delimiter } = &settings.parsing.parser else {
        panic!("delimited")
    };
    assert_eq!((format.len(), delimiter.as_str()), (2, ";"));
    assert_eq!(settings.mime.path, ["mime", "type"]);
    let [first, second] = &settings.processors[..] else {
        panic!("two")
    };
    assert_eq!(first.concurrency, 3);
    assert!(first.accepts.as_ref().unwrap()[1].holds("text/plain"));
    assert_eq!(first.init.as_ref().unwrap().script, "SELECT 1");
    assert_eq!(first.init.as_ref().unwrap().database.to_string(), "db");
    assert_eq!(second.accepts.as_deref(), Some(&[][..]));
    let Broker::RabbitMq(broker) = pipeline.broker else {
        panic!("RabbitMQ")
    };
    assert_eq!((broker.host.as_str(), broker.port), ("mq.example", 5673));
    assert_eq!(broker.topology, Topology::Passive);
    let exchange = Exchange {
        name: "x".to_owned(),
        kind: "topic".to_owned(),
        keys: vec!["a.*".to_owned(), "b".to_owned()],
    };
    assert_eq!(broker.exchange, Some(exchange));
    assert_eq!(broker.dead_letters.unwrap().exchange, "dead");
}

#[test]
fn reads_a_small_one_with_defaults() {
    let mut config = directory(SMALL).load().unwrap();
    let pipeline = config.pipelines.remove(0);
    assert!(matches!(pipeline.broker, Broker::Embedded));
    let fields = pipeline.settings.parsing.fields;
    assert_eq!(fields.uuid.key, "uuid_ref");
    assert_eq!(fields.media_type.key, "data_type");
    // Nobody asks for metadata.
    assert!(!fields.meta_location.required);
    assert!(!pipeline.settings.intake.enabled);
    assert_eq!(config.host.sqapi.to_string(), "127.0.0.1:5000");
}

#[test]
fn names_everything_that_is_wrong_with_one() {
    check(
        "\
mode = 'all'
listen = '127.0.0.1:5000'
data_store = 'nowhere'
meta_store = 'off'
database = 'store'
colour = 'blue'
[broker]
type = 'kafka'
[limits]
messages = 0
data_bytes = 9
spool_bytes = 5
[retry]
delays_ms = [0, 86400001]
[message]
parser = 'xml'
[[processors]]
name = 'health'
connector = 'meta'
accepts = ['image']
init = 'none.sql'
[[processors]]
name = 'a b'
[[processors]]
name = 'x'
connector = 'sizes'
accepts = ['/']
[[processors]]
name = 'x'
connector = 'sizes'
timeout = 1
",
        &[
            "sqapi/main.toml:1: mode: `all` is none of the values of this key",
            "sqapi/main.toml:2: listen: listener `127.0.0.1:5000` is taken by host.toml",
            "sqapi/main.toml:3: data_store: no connector `nowhere`",
            "sqapi/main.toml:4: meta_store: connector `off` is not enabled",
            "sqapi/main.toml:5: database: the plugin of connector `store` does not play `message-log`",
            "sqapi/main.toml:6: colour: unknown key; known here: `enabled`, `sqapi_yml`, `plugins_directory`, `connectors`, `tenant`, `name`, `mode`, `listen`, `limits`, `broker`, `data_store`, `meta_store`, `database`, `processors`, `message`, `data_root`, `retry`, `process_delay_ms`, `intake`, `must_start`",
            "sqapi/main.toml:8: broker.type: `kafka` is none of `embedded`, `rabbitmq` and `nats`",
            "sqapi/main.toml:10: limits.messages: must be at least 1",
            "sqapi/main.toml:11: limits.data_bytes: more than `spool_bytes`: the largest objects would wait for ever",
            "sqapi/main.toml:14: retry.delays_ms[0]: must be at least 1",
            "sqapi/main.toml:14: retry.delays_ms[1]: more than a day, 86400000",
            "sqapi/main.toml:16: message.parser: `xml` is neither `json` nor a table with `format`",
            "sqapi/main.toml:18: processors[0].name: `/health` is the pipeline's own address",
            "sqapi/main.toml:19: processors[0].connector: the plugin of connector `meta` does not play `processor`",
            "sqapi/main.toml:21: processors[0].init: $/none.sql: No such file or directory (os error 2)",
            "sqapi/main.toml:22: processors[1].connector: missing",
            "sqapi/main.toml:23: processors[1].name: `a b` is no name: use letters, digits, `-` and `_`, at most 63",
            "sqapi/main.toml:27: processors[2].accepts[0]: `/` is no media type: expected `type/subtype`, `type/*` or `*`",
            "sqapi/main.toml:29: processors[3].name: another processor is called `x`",
            "sqapi/main.toml:31: processors[3].timeout: unknown key; known here: `name`, `connector`, `accepts`, `concurrency`, `init`",
        ],
    );
}

#[test]
fn no_processor_is_a_mistake_unless_there_are_no_messages() {
    let stores = "data_store = 'store'\ndatabase = 'db'\n";
    check(
        stores,
        &["sqapi/main.toml:1: processors: none: every message would count as done"],
    );
    check(&format!("mode = 'api'\n{stores}"), &[]);
    check(
        "mode = 'api'",
        &[
            "sqapi/main.toml:1: data_store: missing",
            "sqapi/main.toml:1: database: missing",
        ],
    );
}

#[test]
fn a_tenants_pipeline_takes_the_tenants_connectors() {
    let small = format!("tenant = 'acme'\n{SMALL}");
    check(
        &small,
        &["sqapi/main.toml:2: data_store: no connector `acme/store`"],
    );
    let directory = directory(&small);
    directory.write(
        "connectors/acme-store.toml",
        b"plugin = 'plain'\nname = 'store'\ntenant = 'acme'\n",
    );
    let config = directory.load().unwrap();
    let settings = &config.pipelines[0].settings;
    assert_eq!(settings.database.to_string(), "acme/db");
    assert_eq!(settings.id.to_string(), "acme/main");
}

#[test]
fn a_secret_is_a_reference_and_never_shown() {
    check(
        &format!(
            "{SMALL}[intake]\ntoken = 'hunter2'\n[broker]\ntype = 'rabbitmq'\npassword = 'hunter2'\n"
        ),
        &[
            "sqapi/main.toml:7: intake.token: expected a reference, `env:NAME` or `file:path`: a secret never stands in the configuration itself",
            "sqapi/main.toml:10: broker.password: expected a reference, `env:NAME` or `file:path`: a secret never stands in the configuration itself",
        ],
    );
}

#[test]
fn one_that_is_not_enabled_is_not_there() {
    let config = directory("enabled = false\nmode = 7\n").load().unwrap();
    assert_eq!(config.pipelines.len(), 0);
}

#[test]
fn what_was_read_for_it_makes_it_another_one() {
    let fingerprint = |directory: &Directory| directory.load().unwrap().pipelines[0].fingerprint;
    let mut directory = whole();
    let before = fingerprint(&directory);
    assert_eq!(before, fingerprint(&directory));
    directory.variables.push(("UNUSED", "1"));
    directory.write("connectors/more.toml", b"plugin = 'plain'\n");
    assert_eq!(before, fingerprint(&directory));
    directory.write("init.sql", b"SELECT 2");
    let script = fingerprint(&directory);
    assert_ne!(before, script);
    directory.variables[1].1 = "other";
    assert_ne!(script, fingerprint(&directory));
}
