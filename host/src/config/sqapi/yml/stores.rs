//! The topics `data_store` and `meta_store`. sqAPI contract, sections 4 and 7.

use url::Url;

use super::Translation;
use super::draft::Draft;
use super::field::{Field, Mapping, Scalar};

/// The root the plugin `disk` is granted.
const ROOT: &str = "data";
/// Where Swift itself lets its users log in.
const AUTH_URL: &str = "http://localhost:8080/auth/v1.0";
/// A search asks each container: one request each.
const SWIFT_REQUESTS_MAX: i64 = 10_000;
/// The store a `meta_store` plugin is granted.
const STORE: &str = "main";

impl Translation<'_> {
    pub(super) fn data_store(&mut self, topic: &mut Mapping<'_>) {
        match kind(topic, "disk", &["disk", "swift"]).as_deref() {
            Some("disk") => self.disk(topic),
            Some("swift") => self.swift(topic),
            _ => _ = topic.take_all(),
        }
    }

    /// sqAPI reads whatever file a message names. Here that is one below a
    /// folder that somebody has chosen.
    fn disk(&mut self, topic: &mut Mapping<'_>) {
        let named = topic.take("root").and_then(Field::text);
        let reading = self.reading;
        let named_path = named.as_ref().map(|root| reading.path(&root.text));
        let Some(root) = self.data_root.clone().or(named_path) else {
            topic.problem(
                "`disk` reads no file outside of one folder: name it, as `data_store.root` \
                 or as `data_root` in the pipeline's own file",
            );
            return;
        };
        let origin = named.map_or_else(|| topic.origin.clone(), |root| root.origin);
        let root = root.display().to_string();
        let mut draft = Draft::of(&topic.origin);
        draft.set("config.root", ROOT);
        let mut folder = Draft::of(&topic.origin);
        folder.set("name", ROOT);
        folder.set("access", "read-only");
        folder.set_from("path", root.clone(), &origin);
        draft.push("grants.files", folder);
        let name = self.add("data", "disk", draft);
        self.draft.set_from("data_root", root, &origin);
        self.draft.set_from("data_store", name, &topic.origin);
    }

    fn swift(&mut self, topic: &mut Mapping<'_>) {
        let mut draft = Draft::of(&topic.origin);
        draft.set("isolation", "warm");
        draft.set("limits.http_requests", SWIFT_REQUESTS_MAX);
        let auth_url = topic.take("auth_url").and_then(Field::text);
        let auth_url = auth_url.unwrap_or_else(|| Scalar::new(AUTH_URL, &topic.origin));
        draft.set_from("config.auth_url", auth_url.text.clone(), &auth_url.origin);
        draft.set_text(
            "config.auth_version",
            topic.take("auth_version").and_then(Field::text),
        );
        let user = topic.take("access_key_id").and_then(Field::text);
        let key = topic.take("secret_access_key").and_then(Field::text);
        if user.is_none() || key.is_none() {
            topic.problem("`swift` needs `access_key_id` and `secret_access_key`");
        }
        draft.set_text("config.user", user);
        options(topic, &mut draft);
        if let Some(containers) = topic.take("containers") {
            let origin = containers.origin.clone();
            draft.set_from("config.containers", names(containers), &origin);
        }
        if let Some(insecure) = topic.take("insecure") {
            let (reading, origin) = (insecure.reading, insecure.origin.clone());
            if insecure.boolean() == Some(true) {
                Scalar::new("", &origin).warn(
                    reading,
                    "certificates are verified all the same; `[http] verify_tls` of host.toml \
                     is for all connectors, and `ca` names an authority of your own",
                );
            }
        }
        let storage_url = topic.take("storage_url").and_then(Field::text);
        let storage_origin = topic.take("storage_origin").and_then(Field::text);
        for storage in [&storage_url, &storage_origin].into_iter().flatten() {
            // One where one logs in, too, is granted below.
            if origin(&storage.text) != origin(&auth_url.text) {
                draft.push("grants.http", grant(storage));
            }
        }
        draft.set_text("config.storage_url", storage_url);
        let mut login = grant(&auth_url);
        if let Some(key) = key {
            login.set("credentials.key", "{key}");
            let mut secret = Draft::of(&key.origin);
            secret.set("name", "key");
            let name = self.secret_name("swift_key");
            secret.set_from("value", self.secrets.refer(&name, &key), &key.origin);
            draft.push("grants.secrets", secret);
        }
        draft.push("grants.http", login);
        let name = self.add("data", "swift", draft);
        self.draft.set_from("data_store", name, &topic.origin);
    }

    pub(super) fn meta_store(&mut self, topic: &mut Mapping<'_>) {
        match kind(topic, "redis", &["redis"]).as_deref() {
            Some("redis") => self.redis(topic),
            _ => _ = topic.take_all(),
        }
    }

    fn redis(&mut self, topic: &mut Mapping<'_>) {
        let origin = topic.origin.clone();
        let mut store = Draft::of(&origin);
        store.set("name", STORE);
        store.set("access", "read-only");
        store.set("host", "localhost");
        store.set_text("host", topic.take("host").and_then(Field::text));
        store.set_port("port", topic);
        // In the spelling of the client sqAPI uses, and in the longer one.
        for key in ["db", "database", "tls"] {
            if let Some(field) = topic.take(key) {
                let native = if key == "db" { "database" } else { key };
                store.set_field(native, field);
            }
        }
        store.set_text("username", topic.take("username").and_then(Field::text));
        if let Some(password) = topic.take("password").and_then(Field::text) {
            let name = self.secret_name("redis_password");
            let reference = self.secrets.refer(&name, &password);
            store.set_from("password", reference, &password.origin);
        }
        if let Some(timeout) = topic.take("timeout") {
            store.set_milliseconds("timeout_ms", timeout);
        }
        let mut draft = Draft::of(&origin);
        draft.set("isolation", "warm");
        draft.push("grants.kv", store);
        let name = self.add("meta", "redis", draft);
        self.draft.set_from("meta_store", name, &origin);
    }
}

/// The type of a topic, which is one of those known. One that is not is noted.
pub(super) fn kind(topic: &mut Mapping<'_>, default: &str, known: &[&str]) -> Option<String> {
    let Some(kind) = topic.take("type").and_then(Field::text) else {
        return Some(default.to_owned());
    };
    if known.contains(&kind.text.as_str()) {
        return Some(kind.text);
    }
    let verb = match kind.text.as_str() {
        "elasticsearch" => "is not offered",
        _ => "is no type of this topic",
    };
    let known = known.join("`, `");
    kind.problem(
        topic.reading,
        format_args!("`{}` {verb}; there is `{known}`", kind.text),
    );
    None
}

/// Keystone's part, in the names of its own client.
fn options(topic: &mut Mapping<'_>, draft: &mut Draft) {
    let Some(mut options) = topic.take("os_options").and_then(Field::mapping) else {
        return;
    };
    for (key, native) in [
        ("project_name", "project_name"),
        ("tenant_name", "project_name"),
        ("user_domain_name", "user_domain_name"),
        ("project_domain_name", "project_domain_name"),
        ("region_name", "region"),
        ("endpoint_type", "interface"),
    ] {
        let text = options.take(key).and_then(Field::text);
        draft.set_text(&format!("config.{native}"), text);
    }
}

/// Containers by name, or in tables with a `name`.
fn names(containers: Field<'_>) -> Vec<String> {
    let name = |item: Field<'_>| {
        if matches!(item.value, super::tree::Value::Map(_)) {
            return item.mapping()?.take("name")?.text();
        }
        item.text()
    };
    let items = containers.items().into_iter();
    items.filter_map(name).map(|name| name.text).collect()
}

/// The origin of an address as `[[grants.http]]`: it was named by the operator,
/// so it may resolve to a private address.
fn grant(address: &Scalar) -> Draft {
    let mut grant = Draft::of(&address.origin);
    grant.set_from("origin", origin(&address.text), &address.origin);
    grant.set("addresses", "any");
    grant
}

/// What is no address stays what it is, for the reader of grants to refuse.
fn origin(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if url.has_host() => url.origin().ascii_serialization(),
        _ => address.to_owned(),
    }
}
