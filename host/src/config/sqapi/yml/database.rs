//! The topic `database`, of the main file and of each plugin. sqAPI contract,
//! sections 4 and 9.

use super::Translation;
use super::draft::Draft;
use super::field::{Field, Mapping, Scalar};
use super::plugins::Plugin;
use super::stores::kind;
use crate::config::origin::Origin;

/// The database a plugin is granted.
const DATABASE: &str = "main";
/// The name, user and password unless told otherwise: sqAPI's.
const POSTGRES: &str = "postgres";
/// sqAPI waits this long for a connection, in milliseconds.
const TIMEOUT_MS: i64 = 5_000;

/// A database as a grant, but for its password.
struct Connection {
    grant: Draft,
    password: Scalar,
    origin: Origin,
}

/// The main file's database.
pub(super) struct Main {
    connector: String,
    /// None where the pipeline has a database that no YAML describes.
    connection: Option<Connection>,
}

impl Main {
    /// A database of the pipeline's own.
    pub(super) fn of_others(connector: &str) -> Self {
        Self {
            connector: connector.to_owned(),
            connection: None,
        }
    }
}

impl Connection {
    /// Whether both are the same, as the same user: they share a connector.
    fn is(&self, other: &Self) -> bool {
        self.grant.says_what(&other.grant) && self.password.text == other.password.text
    }
}

impl Translation<'_> {
    pub(super) fn main_database(&mut self, topic: &mut Mapping<'_>) -> Option<Main> {
        // Each plugin has one of its own.
        topic.ignore(&["init"]);
        let connection = self.connection(topic)?;
        let connector = self.add_database("database", &connection);
        self.draft
            .set_from("database", connector.as_str(), &topic.origin);
        Some(Main {
            connector,
            connection: Some(connection),
        })
    }

    /// The connector of a plugin's database: the main one's, unless the plugin
    /// says otherwise.
    pub(super) fn database_of(
        &mut self,
        plugin: &Plugin,
        topic: &mut Mapping<'_>,
        main: Option<&Main>,
    ) -> Option<String> {
        let file = plugin.file.as_ref();
        let is_own = file.is_some_and(|file| file.says("database", "connection"));
        if let Some(main) = main.filter(|main| main.connection.is_none() && !is_own) {
            topic.ignore(&["type", "connection"]);
            return Some(main.connector.clone());
        }
        let plugin = &plugin.name;
        let connection = self.connection(topic)?;
        let is_same = |main: &&Main| {
            main.connection
                .as_ref()
                .is_some_and(|it| it.is(&connection))
        };
        match main.filter(is_same) {
            Some(main) => Some(main.connector.clone()),
            None => Some(self.add_database(&format!("{plugin}-database"), &connection)),
        }
    }

    /// sqAPI's keys of a connection with its defaults, all of them.
    fn connection(&self, topic: &mut Mapping<'_>) -> Option<Connection> {
        // sqAPI takes the class of this name, and then asks for it in vain.
        kind(topic, POSTGRES, &[POSTGRES])?;
        let origin = topic.origin.clone();
        let connection = topic.take("connection").and_then(Field::mapping);
        let empty = || Mapping::empty(self.reading, origin.clone());
        let mut connection = connection.unwrap_or_else(empty);
        let mut grant = Draft::of(&connection.origin);
        grant.set("name", DATABASE);
        grant.set("host", "localhost");
        grant.set("user", POSTGRES);
        grant.set("database", POSTGRES);
        for (key, native) in [
            ("host", "host"),
            ("user", "user"),
            ("name", "database"),
            ("tls", "tls"),
        ] {
            let text = connection.take(key).and_then(Field::text);
            grant.set_text(native, text);
        }
        grant.set_port("port", &mut connection);
        grant.set("connect_timeout_ms", TIMEOUT_MS);
        if let Some(timeout) = connection.take("timeout") {
            grant.set_milliseconds("connect_timeout_ms", timeout);
        }
        let password = connection.take("password").and_then(Field::text);
        Some(Connection {
            password: password.unwrap_or_else(|| Scalar::new(POSTGRES, &origin)),
            origin,
            grant,
        })
    }

    fn add_database(&mut self, part: &str, connection: &Connection) -> String {
        let mut grant = connection.grant.clone();
        let password = &connection.password;
        // An empty one is none.
        if !password.text.is_empty() {
            let name = self.secret_name(&format!("{part}_password"));
            let reference = self.secrets.refer(&name, password);
            grant.set_from("password", reference, &password.origin);
        }
        let mut draft = Draft::of(&connection.origin);
        draft.set("isolation", "warm");
        draft.push("grants.sql", grant);
        self.add(part, POSTGRES, draft)
    }
}
