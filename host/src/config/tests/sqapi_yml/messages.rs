//! Brokers and messages of an `sqapi.yml`.

use super::*;
use crate::frontend::sqapi::settings::Parser;

/// The broker's part of a file that has nothing else.
fn broker(text: &str) -> rabbitmq::Config {
    rabbitmq(&deployment(text, &[("sizes", "")]))
}

#[test]
fn the_broker_of_both_generations() {
    // At first the routing key names the queue.
    let first = broker("msg_broker:\n  routing_key: mine\n  port: '5673'\n");
    assert_eq!((first.queue.as_str(), first.port), ("mine", 5673));
    assert_eq!(first.exchange.unwrap().name, "x_sqapi");
    // Later it is one, and no exchange is none.
    let later = broker("broker:\n  routing_key: mine\n");
    assert_eq!((later.queue.as_str(), later.exchange), ("mine", None));
    let last = broker(
        "broker:\n  queue_name: q\n  routing_key: a.b\n  routing_keys: [c.d]\n  \
         exchange_name: x\n  exchange_type: topic\n  requeue: false\n  \
         dlq:\n    exchange: dead\n",
    );
    assert_eq!(last.queue, "q");
    assert_eq!(last.exchange, Some(exchange("x", "topic", &["a.b", "c.d"])));
    assert_eq!(last.dead_letters.unwrap().exchange, "dead");
}

#[test]
fn the_broker_takes_credentials_that_sqapi_has_no_keys_for() {
    let broker = broker(
        "msg_broker:\n  user: u\n  password: p\n  vhost: v\n  tls: true\n  port: 5671\n  \
         heartbeat: 30\n  prefetch: 7\n  topology: passive\n",
    );
    assert_eq!(
        (broker.username.as_str(), broker.vhost.as_str()),
        ("u", "v")
    );
    assert_eq!(broker.password.expose_secret(), "p");
    assert_eq!(broker.heartbeat, Duration::from_secs(30));
    assert_eq!(broker.topology, Topology::Passive);
    // Nobody said that there is an exchange for them.
    assert_eq!(broker.dead_letters, None);
    assert!(broker.tls.is_some());
}

#[test]
fn fields_of_both_generations() {
    let fields = |text: &str| {
        pipeline(&deployment(text, &[("sizes", "")]))
            .settings
            .parsing
            .fields
    };
    for topic in ["msg_broker:\n  message_fields:", "message:\n  fields:"] {
        let read = fields(&format!(
            "{topic}\n    uuid: {{key: id, required: 'true'}}\n    type: {{}}\n    \
             project: {{key: p, required: True}}\n    more: {{key: m}}\n"
        ));
        assert_eq!(read.uuid, field("id", true));
        // Without a key it is called as the field is.
        assert_eq!(read.media_type, field("type", false));
        assert_eq!(read.data_location, field("data_location", false));
        assert_eq!(read.required, ["p"]);
    }
    // The oldest form names what must be there.
    let read = fields("msg_broker:\n  message_fields: [data_type, uuid_ref, project]\n");
    assert_eq!(read.uuid, field("uuid_ref", true));
    assert_eq!(read.media_type, field("data_type", true));
    assert_eq!(read.meta_location, field("meta_location", false));
    assert_eq!(read.required, ["project"]);
}

#[test]
fn parsers_and_where_the_media_type_is() {
    let settings = |text: &str| pipeline(&deployment(text, &[("sizes", "")])).settings;
    let delimited = Parser::Delimited {
        format: ["uuid", "file", "metadata"].map(str::to_owned).into(),
        delimiter: "|".to_owned(),
    };
    for format in ["uuid|file|metadata", "[uuid, file, metadata]"] {
        let text =
            format!("message:\n  parser: {{type: string, format: {format}, delimiter: '|'}}\n");
        let text = text
            .replace("format: uuid|", "format: 'uuid|")
            .replace("metadata, d", "metadata', d");
        assert_eq!(settings(&text).parsing.parser, delimited, "{format}");
    }
    let json = settings("message:\n  parser: {type: json}\n");
    assert_eq!(json.parsing.parser, Parser::Json);
    let mime = settings("message:\n  mime: {path: 'mime:type', path_separator: ':'}\n").mime;
    assert_eq!(mime.path, ["mime", "type"]);
    assert_eq!(
        settings("message:\n  mime: {path: a.b}\n").mime.path,
        ["a", "b"]
    );
}
