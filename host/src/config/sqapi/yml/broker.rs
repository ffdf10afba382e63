//! The topic `msg_broker`, later `broker`. sqAPI contract, sections 4 and 5.

use super::Translation;
use super::field::{Field, Mapping};

/// What sqAPI calls its queue.
const QUEUE: &str = "q_sqapi";
/// What its first version calls its exchange.
const EXCHANGE: &str = "x_sqapi";
const TYPES: &str = "`rabbitmq`; the pipeline's own `[broker]` also takes `nats` and `embedded`";

impl Translation<'_> {
    /// Leaves the broker itself alone where the pipeline has another.
    pub(super) fn broker(&mut self, broker: &mut Mapping<'_>, is_replaced: bool) {
        if let Some(delay) = broker.take("process_delay") {
            self.draft.set_milliseconds("process_delay_ms", delay);
        }
        if is_replaced {
            broker.take_all();
            return;
        }
        match broker.take("type").and_then(Field::text) {
            None => {}
            Some(kind) if kind.text == "rabbitmq" => {}
            Some(kind) => {
                let verb = match kind.text.as_str() {
                    "kafka" | "zeromq" => "is not offered",
                    _ => "is no type of broker",
                };
                kind.problem(
                    self.reading,
                    format_args!("`{}` {verb}; there is {TYPES}", kind.text),
                );
                broker.take_all();
                return;
            }
        }
        self.rabbitmq(broker);
    }

    fn rabbitmq(&mut self, broker: &mut Mapping<'_>) {
        let secret_name = self.secret_name("broker_password");
        let draft = &mut self.draft;
        draft.set_from("broker.type", "rabbitmq", &broker.origin);
        draft.set("broker.host", "localhost");
        draft.set_text("broker.host", broker.take("host").and_then(Field::text));
        draft.set_port("broker.port", broker);
        // No version of sqAPI has these; they are the client's usual names.
        for (key, native) in [
            ("user", "username"),
            ("username", "username"),
            ("vhost", "vhost"),
            ("virtual_host", "vhost"),
        ] {
            let text = broker.take(key).and_then(Field::text);
            draft.set_text(&format!("broker.{native}"), text);
        }
        if let Some(password) = broker.take("password").and_then(Field::text) {
            let reference = self.secrets.refer(&secret_name, &password);
            draft.set_from("broker.password", reference, &password.origin);
        }
        for (key, native) in [
            ("heartbeat", "heartbeat_ms"),
            ("timeout", "connect_timeout_ms"),
            ("retry_interval", "backoff_min_ms"),
        ] {
            if let Some(field) = broker.take(key) {
                draft.set_milliseconds(&format!("broker.{native}"), field);
            }
        }
        for key in ["tls", "prefetch", "topology", "durable"] {
            if let Some(field) = broker.take(key) {
                draft.set_field(&format!("broker.{key}"), field);
            }
        }
        // Bounded tries with growing delays take its place, either way.
        broker.ignore(&["requeue"]);
        self.topology(broker);
        self.dead_letters(broker);
    }

    /// At first `routing_key` was the queue's name, and the exchange was bound
    /// without a key; later it became the key.
    fn topology(&mut self, broker: &mut Mapping<'_>) {
        let has_keys = broker.has("queue_name") || broker.has("routing_keys");
        let is_later = broker.origin.key == "broker";
        let routing_key = broker.take("routing_key").and_then(Field::text);
        let mut keys = Vec::new();
        let draft = &mut self.draft;
        draft.set("broker.queue", QUEUE);
        if has_keys {
            draft.set_text(
                "broker.queue",
                broker.take("queue_name").and_then(Field::text),
            );
            let more = broker.take("routing_keys").map(Field::items);
            let more = more.unwrap_or_default().into_iter().filter_map(Field::text);
            keys.extend(routing_key.into_iter().chain(more));
        } else {
            broker.ignore(&["queue_name", "routing_keys"]);
            draft.set_text("broker.queue", routing_key);
        }
        let name = broker.take("exchange_name").and_then(Field::text);
        let kind = broker.take("exchange_type").and_then(Field::text);
        // Later, no name meant no exchange.
        if name.is_none() && is_later {
            return;
        }
        draft.set("broker.exchange.name", EXCHANGE);
        draft.set_text("broker.exchange.name", name);
        draft.set("broker.exchange.kind", "fanout");
        draft.set_text("broker.exchange.kind", kind);
        let keys: Vec<_> = keys.into_iter().map(|key| key.text).collect();
        let keys = if keys.is_empty() {
            vec![String::new()]
        } else {
            keys
        };
        draft.set("broker.exchange.binding_keys", keys);
    }

    fn dead_letters(&mut self, broker: &mut Mapping<'_>) {
        let Some(mut dlq) = broker.take("dlq").and_then(Field::mapping) else {
            return;
        };
        for key in ["exchange", "exchange_type", "routing_key"] {
            let text = dlq.take(key).and_then(Field::text);
            self.draft.set_text(&format!("broker.dlq.{key}"), text);
        }
    }
}
