//! `sqapi.yml` and `config.yml` as they are. sqAPI contract, section 4.

mod messages;
mod mistakes;
mod plugins;
mod stores;

use std::time::Duration;

use super::*;
use crate::config::sqapi::Pipeline;
use crate::frontend::sqapi::broker::Config as Broker;
use crate::frontend::sqapi::broker::rabbitmq::{self, Exchange, Topology};
use crate::frontend::sqapi::settings::Field;

/// What is shipped with sqAPI's first version.
const SHIPPED: &str = "\
packages:
  install: True
msg_broker:
  type: 'rabbitmq'
  host: 'mq'
  port: 5672
  retry_interval: 3
  process_delay: 5
  routing_key: 'q_sqapi'
  exchange_name: 'x_sqapi'
  exchange_type: 'fanout'
  message_fields:
    type:
      key: 'data_type'
      required: True
    data_location:
      key: 'data_location'
      required: True
    meta_location:
      key: 'meta_location'
      required: True
    uuid:
      key: 'uuid_ref'
      required: True
    metadata:
      key: 'metadata'
      required: False
meta_store:
  type: 'redis'
  host: 'redis'
  port: 6379
data_store:
  type: 'disk'
database:
  type: 'postgres'
  init: 'scripts/init.sql'
  connection:
    name: 'postgres'
    port: '5432'
    user: 'postgres'
    host: 'db'
    password: 'hunter2'
    timeout: 2
";

const THUMBNAILS: &str = "\
packages:
  pip:
  - 'Pillow'
msg_broker:
  supported_mime:
  - 'image/jpeg'
  - 'image/png'
api:
  blueprints_directory: 'blueprints'
custom:
  thumb_size:
    width: 64
";

/// A deployment: its sqapi.yml, and one config.yml by each plugin's name.
fn deployment(main: &str, plugins: &[(&str, &str)]) -> Directory {
    let directory = Directory::new(&[
        (
            "sqapi/main.toml",
            "sqapi_yml = 'sqapi.yml'\nplugins_directory = 'deployed'\ndata_root = 'objects'\n",
        ),
        ("sqapi.yml", main),
    ]);
    std::fs::create_dir_all(directory.root.path().join("objects")).unwrap();
    std::fs::create_dir_all(directory.root.path().join("deployed")).unwrap();
    for (name, roles) in [
        ("disk", &["file-store"][..]),
        ("swift", &["file-store"]),
        ("redis", &["metadata-store"]),
        ("postgres", &["database", "message-log"]),
        ("sizes", &["processor", "resources"]),
        ("thumbnails", &["processor", "resources"]),
        ("lang_detect", &["processor"]),
    ] {
        let plugin = playing_all(roles, &[]);
        directory.write(&format!("plugins/{name}.wasm"), &plugin);
    }
    for (name, text) in plugins {
        let path = format!("deployed/{name}/config.yml");
        directory.write(&path, text.as_bytes());
    }
    directory
}

fn pipeline(directory: &Directory) -> Pipeline {
    let config = directory.load();
    let mut config = config.unwrap_or_else(|problems| panic!("{problems}"));
    config.pipelines.remove(0)
}

fn rabbitmq(directory: &Directory) -> rabbitmq::Config {
    match pipeline(directory).broker {
        Broker::RabbitMq(broker) => *broker,
        other => panic!("{other:?}"),
    }
}

fn names(config: &Config) -> Vec<String> {
    super::shipped::ids(config)
}

#[test]
fn what_is_shipped_with_sqapi_passes() {
    let directory = deployment(SHIPPED, &[("sizes", ""), ("thumbnails", THUMBNAILS)]);
    let config = directory
        .load()
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        names(&config),
        [
            "main-data",
            "main-meta",
            "main-database",
            "main-sizes",
            "main-thumbnails"
        ]
    );
    assert!(
        config
            .connectors
            .iter()
            .all(|c| matches!(c.frontend, Frontend::Sqapi))
    );
    assert_eq!(config.warnings, []);
    assert!(!format!("{config:?}").contains("hunter2"));
    let thumbnails = config.connectors.last().unwrap();
    assert_eq!(thumbnails.values["thumb_size"], r#"{"width":64}"#);
    assert_eq!(thumbnails.limits.first_byte_ms, 300_000);
    let database = thumbnails.grants.database.as_ref().unwrap();
    assert_eq!(database.connector, "main-database");
    let settings = &config.pipelines[0].settings;
    assert!(settings.must_start);
    assert_eq!(settings.process_delay, Duration::from_secs(5));
    assert_eq!(settings.data_store.to_string(), "main-data");
    assert_eq!(
        settings.meta_store.as_ref().unwrap().to_string(),
        "main-meta"
    );
    assert_eq!(settings.database.to_string(), "main-database");
    let root = directory.root.path().join("objects");
    assert_eq!(settings.data_root.as_deref(), root.to_str());
    let [sizes, thumbnails] = &settings.processors[..] else {
        panic!("two")
    };
    // All, as sqAPI takes it where nothing is said.
    assert_eq!(sizes.accepts.as_deref(), Some(&[][..]));
    let accepts = thumbnails.accepts.as_ref().unwrap();
    assert!(accepts[0].holds("image/jpeg") && accepts.len() == 2);
    let fields = &settings.parsing.fields;
    assert_eq!(fields.uuid, field("uuid_ref", true));
    assert_eq!(fields.metadata, field("metadata", false));
    let broker = rabbitmq(&directory);
    assert_eq!((broker.host.as_str(), broker.port), ("mq", 5672));
    assert_eq!(broker.backoff_min, Duration::from_secs(3));
    assert_eq!(broker.queue, "q_sqapi");
    let exchange = exchange("x_sqapi", "fanout", &[""]);
    assert_eq!(broker.exchange, Some(exchange));
    assert_eq!(broker.topology, Topology::Own { durable: true });
}

fn field(key: &str, required: bool) -> Field {
    Field {
        key: key.to_owned(),
        required,
    }
}

fn exchange(name: &str, kind: &str, keys: &[&str]) -> Exchange {
    Exchange {
        name: name.to_owned(),
        kind: kind.to_owned(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    }
}

#[test]
fn nothing_said_is_sqapis_default() {
    let directory = deployment("", &[("sizes", "")]);
    let config = directory
        .load()
        .unwrap_or_else(|problems| panic!("{problems}"));
    // No topic, no store: metadata that no message brings is `{}`.
    assert_eq!(names(&config), ["main-data", "main-database", "main-sizes"]);
    let broker = rabbitmq(&directory);
    assert_eq!((broker.host.as_str(), broker.port), ("localhost", 5672));
    assert_eq!(broker.username, "guest");
    assert_eq!(broker.password.expose_secret(), "guest");
    assert_eq!(broker.vhost, "/");
    assert_eq!(broker.queue, "q_sqapi");
    assert_eq!(broker.exchange, Some(exchange("x_sqapi", "fanout", &[""])));
    let dead = broker.dead_letters.unwrap();
    assert_eq!(
        (dead.exchange.as_str(), dead.kind.as_str()),
        ("DLQ", "topic")
    );
    assert_eq!(dead.routing_key, "message.sqapi");
    let settings = pipeline(&directory).settings;
    assert_eq!(settings.process_delay, Duration::ZERO);
    assert_eq!(settings.parsing.fields.uuid, field("uuid_ref", true));
    assert_eq!(settings.parsing.fields.media_type, field("data_type", true));
}

#[test]
fn the_pipelines_own_file_takes_the_place_of_what_was_derived() {
    let directory = deployment(SHIPPED, &[("thumbnails", THUMBNAILS)]);
    directory.write(
        "sqapi/main.toml",
        b"sqapi_yml = 'sqapi.yml'
plugins_directory = 'deployed'
data_store = 'mine'
mode = 'loader'
[broker]
vhost = 'v'
[retry]
delays_ms = []
[connectors.thumbnails]
config = { thumb_size = { height = 5 } }
[connectors.thumbnails.limits]
memory_bytes = 99
",
    );
    directory.write("connectors/mine.toml", b"plugin = 'disk'\n");
    let config = directory
        .load()
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        names(&config),
        ["mine", "main-meta", "main-database", "main-thumbnails"]
    );
    let thumbnails = config.connectors.last().unwrap();
    assert_eq!(thumbnails.limits.memory_bytes, 99);
    assert_eq!(thumbnails.limits.first_byte_ms, 300_000);
    assert_eq!(thumbnails.values["thumb_size"], r#"{"height":5}"#);
    let settings = &config.pipelines[0].settings;
    assert_eq!(settings.data_store.to_string(), "mine");
    assert_eq!(settings.data_root, None);
    assert!(settings.retry.delays.is_empty());
    let broker = rabbitmq(&directory);
    assert_eq!((broker.vhost.as_str(), broker.host.as_str()), ("v", "mq"));
}

#[test]
fn what_it_says_makes_a_pipeline_another_one() {
    let fingerprints = |directory: &Directory| {
        let config = directory.load().unwrap();
        let connectors: Vec<_> = config.connectors.iter().map(|it| it.fingerprint).collect();
        (config.pipelines[0].fingerprint, connectors)
    };
    let yml = SHIPPED.replace("'hunter2'", "${DB_PASSWORD}");
    let mut directory = deployment(&yml, &[("sizes", "")]);
    directory.variables = vec![("DB_PASSWORD", "one")];
    let (pipeline, connectors) = fingerprints(&directory);
    assert_eq!((pipeline, connectors.clone()), fingerprints(&directory));
    directory.variables[0].1 = "two";
    let (_, others) = fingerprints(&directory);
    let changed: Vec<_> = connectors
        .iter()
        .zip(&others)
        .map(|(a, b)| a != b)
        .collect();
    assert_eq!(changed, [false, false, true, false], "the database alone");
    directory.write("sqapi.yml", yml.replace("'mq'", "'other'").as_bytes());
    assert_ne!(pipeline, fingerprints(&directory).0);
}
