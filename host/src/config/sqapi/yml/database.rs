//! The topic `database`, of the main file and of each plugin. sqAPI contract,
//! sections 4 and 9.

use secrecy::SecretString;

use super::Translation;
use super::broker::port;
use super::draft::Draft;
use super::field::{Field, Mapping, Scalar};
use super::stores::{address, kind};

/// The database a plugin is granted.
const DATABASE: &str = "main";
/// The name, user and password unless told otherwise: sqAPI's.
const POSTGRES: &str = "postgres";
/// sqAPI waits this long for a connection, in milliseconds.
const TIMEOUT_MS: u64 = 5_000;

/// A database with its credentials. Equal ones share a connector.
#[derive(PartialEq, Eq)]
struct Connection {
    address: String,
    timeout_ms: u64,
}

/// The main file's database.
pub(super) struct Main {
    pub(super) connector: String,
    connection: Connection,
}

impl Translation<'_> {
    pub(super) fn main_database(&mut self, topic: &mut Mapping<'_>) -> Option<Main> {
        // Each plugin has one of its own.
        topic.ignore(&["init"]);
        let connection = self.connection(topic)?;
        let connector = self.add_database("database", &connection, topic);
        self.draft
            .set_from("database", connector.as_str(), &topic.origin);
        Some(Main {
            connector,
            connection,
        })
    }

    /// The connector of a plugin's database: the main one's, unless the plugin
    /// says otherwise.
    pub(super) fn database_of(
        &mut self,
        plugin: &str,
        topic: &mut Mapping<'_>,
        main: Option<&Main>,
    ) -> Option<String> {
        let connection = self.connection(topic)?;
        match main {
            Some(main) if main.connection == connection => Some(main.connector.clone()),
            _ => Some(self.add_database(&format!("{plugin}-database"), &connection, topic)),
        }
    }

    fn connection(&mut self, topic: &mut Mapping<'_>) -> Option<Connection> {
        // sqAPI takes the class of this name, and then asks for it in vain.
        kind(topic, POSTGRES, &[POSTGRES])?;
        let origin = topic.origin.clone();
        let connection = topic.take("connection").and_then(Field::mapping);
        let mut connection =
            connection.unwrap_or_else(|| Mapping::empty(self.reading, origin.clone()));
        let mut text = |key| connection.take(key).and_then(Field::text);
        let or_default =
            |text: Option<Scalar>| text.unwrap_or_else(|| Scalar::new(POSTGRES, &origin));
        let (name, user) = (or_default(text("name")), or_default(text("user")));
        let password = or_default(text("password"));
        let host = text("host").unwrap_or_else(|| Scalar::new("localhost", &origin));
        let port = port(&mut connection).map_or(5432, |(port, _)| port);
        let timeout = connection.take("timeout").and_then(Field::seconds);
        let Some(mut url) = address("postgres", &host.text, port) else {
            host.problem(self.reading, "no host name");
            return None;
        };
        // An address with a host takes all of them.
        _ = url.set_username(&user.text);
        _ = url.set_password(Some(&password.text));
        url.set_path(&name.text);
        let timeout_ms = timeout.map_or(TIMEOUT_MS, |time| {
            u64::try_from(time.as_millis()).unwrap_or(TIMEOUT_MS).max(1)
        });
        Some(Connection {
            address: url.into(),
            timeout_ms,
        })
    }

    fn add_database(&mut self, part: &str, connection: &Connection, topic: &Mapping<'_>) -> String {
        let secret = Scalar::new(&connection.address, &topic.origin);
        let name = self.secret_name(&format!("{part}_url"));
        let mut grant = Draft::of(&topic.origin);
        grant.set("name", DATABASE);
        grant.set("url", self.secrets.refer(&name, &secret));
        let mut draft = Draft::of(&topic.origin);
        draft.set("isolation", "warm");
        draft.push("grants.sql", grant);
        self.add(part, POSTGRES, draft)
    }
}
