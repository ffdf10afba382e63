//! An sqAPI deployment's own files, on the servers that it has: RabbitMQ,
//! Redis, PostgreSQL, and a folder or Swift. Contract, sections 4 and 8.

use std::fs;
use std::path::PathBuf;
use std::str::FromStr as _;

use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, Row as _};
use tenon_tests::address;
use tenon_tests::amqp::Amqp;
use tenon_tests::host::Host;
use tenon_tests::postgres::Database;
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::redis::Redis;
use tenon_tests::setup::{SECRET_MARK, Setup};
use tenon_tests::sqapi::{Running, Table};
use tenon_tests::swift::{KEY, Swift};

/// sqAPI's shipped file, with the addresses of this deployment in variables.
const YML: &str = "\
packages:
  install: False
msg_broker:
  type: 'rabbitmq'
  host: ${MQ_HOST}
  port: ${MQ_PORT}
  retry_interval: 3
  process_delay: 0
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
  host: ${REDIS_HOST}
  port: ${REDIS_PORT}
  password: ${REDIS_PASSWORD}
database:
  type: 'postgres'
  init: 'scripts/init.sql'
  connection:
    name: ${DB_NAME}
    port: ${DB_PORT}
    user: ${DB_USER}
    host: ${DB_HOST}
    password: ${DB_PASSWORD}
    timeout: 2
";

/// A table of an operator's own beside that of the plugin.
const INIT: &str = "CREATE TABLE IF NOT EXISTS own_table (share TEXT DEFAULT '100 %');";

/// What is deployed: sqAPI's folder, and servers.
struct Case {
    running: Running,
    client: Amqp,
    redis: Redis,
    table: Table,
    url: String,
    _database: Database,
    _broker: RabbitMq,
}

impl Case {
    async fn new(data_store: &str, change: impl FnOnce(Setup) -> Setup) -> Self {
        let (broker, database) = (RabbitMq::start().await, Database::new().await);
        let password = format!("{SECRET_MARK}-of-redis");
        let redis = Redis::with_password(&password).await;
        let listen = address::unused();
        let url = database.url();
        let place = PgConnectOptions::from_str(&url).unwrap();
        let variables = [
            ("MQ_HOST", broker.address().ip().to_string()),
            ("MQ_PORT", broker.address().port().to_string()),
            ("REDIS_HOST", redis.address().ip().to_string()),
            ("REDIS_PORT", redis.address().port().to_string()),
            ("REDIS_PASSWORD", password),
            ("DB_NAME", place.get_database().unwrap().to_owned()),
            ("DB_PORT", place.get_port().to_string()),
            ("DB_USER", place.get_username().to_owned()),
            ("DB_HOST", place.get_host().to_owned()),
            ("DB_PASSWORD", password_of(&url)),
        ];
        let setup = Setup::new();
        let work = setup.folder.path().join("opt/sqapi");
        let write = |path: &str, text: &str| {
            let path = work.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "sqapi/conf/sqapi.yml",
            &format!("{YML}data_store:\n{data_store}"),
        );
        for plugin in ["sizes", "duplicates", "datatypes"] {
            // No Python is run.
            write(
                &format!("sqapi/plugins/{plugin}/__init__.py"),
                "raise Exception\n",
            );
            write(&format!("sqapi/plugins/{plugin}/config.yml"), "");
            write(&format!("sqapi/plugins/{plugin}/scripts/init.sql"), INIT);
        }
        let only_pictures = "msg_broker:\n  supported_mime:\n  - 'image/jpeg'\n";
        write("sqapi/plugins/thumbnails/config.yml", only_pictures);
        write("sqapi/plugins/thumbnails/scripts/init.sql", INIT);
        fs::create_dir_all(data_root(&setup)).unwrap();
        setup.write(
            "sqapi/main.toml",
            format!(
                "sqapi_yml = 'environment'\nlisten = '{listen}'\ndata_root = '{}'\n",
                data_root(&setup).display()
            ),
        );
        let setup = variables
            .into_iter()
            .fold(setup, |setup, (name, value)| setup.variable(name, value));
        let setup = setup.variable("WRK_DIR", work.display().to_string());
        let running = Running::of(change(setup).start().await, listen).await;
        running.healthy().await;
        Self {
            client: broker.client().await,
            running,
            redis,
            table: Table::new(&url),
            url,
            _database: database,
            _broker: broker,
        }
    }

    fn host(&self) -> &Host {
        &self.running.host
    }

    /// The row as sqAPI's first version has it.
    async fn row(&self, uuid: &str) -> Value {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let query = "SELECT uuid, meta_location, data_location, data_type, status, info, \
                     created_at <= updated_at AND updated_at <= now() AS in_order \
                     FROM messages WHERE uuid = $1";
        let row = sqlx::query(query).bind(uuid).fetch_one(&mut connection);
        let row = row.await.unwrap();
        let text = |column: &str| row.get::<Option<String>, _>(column);
        json!({
            "uuid": text("uuid"), "meta_location": text("meta_location"),
            "data_location": text("data_location"), "data_type": text("data_type"),
            "status": text("status"), "info": text("info"),
            "in_order": row.get::<bool, _>("in_order"),
        })
    }

    /// What `sizes` found, of metadata and data.
    async fn sizes(&self, uuid: &str) -> (i64, i64) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let query = "SELECT metadata_size, data_size FROM sizes WHERE uuid_ref = $1";
        let row = sqlx::query_as(query).bind(uuid).fetch_one(&mut connection);
        row.await.unwrap()
    }

    /// By the exchange and by the queue, as sqAPI listens.
    async fn is_done_either_way(&self, location: &str) {
        self.redis.set("meta-1", r#"{"name":"a","owner":"b"}"#);
        for (uuid, exchange, key) in [("first", "x_sqapi", ""), ("second", "", "q_sqapi")] {
            let message = json!({
                "uuid_ref": uuid, "data_type": "text/plain",
                "data_location": location, "meta_location": "meta-1",
            });
            self.client.publish(exchange, key, message).await;
            let state = self.table.reaches(uuid, "DONE").await;
            // Those that take no text are not asked.
            let results = state.results.as_object().unwrap();
            let names: Vec<_> = results.keys().collect();
            assert_eq!(names, ["datatypes", "duplicates", "sizes"]);
            let expected = json!({
                "uuid": uuid, "meta_location": "meta-1", "data_location": location,
                "data_type": "text/plain", "status": "DONE", "info": null, "in_order": true,
            });
            assert_eq!(self.row(uuid).await, expected);
            assert_eq!(self.sizes(uuid).await, (2, 6));
        }
        for table in ["sizes", "duplicates", "datatypes"] {
            assert_eq!(self.table.rows_of(table).await, 2, "{table}");
        }
        assert_eq!(self.table.rows_of("thumbnails").await, 0);
        assert_eq!(self.table.rows_of("own_table").await, 0);
        let found = self.running.get("/sizes/uuid/first").await;
        assert_eq!(found.status, 200, "{}", found.text());
        // Each script once, although connectors and pipeline start together.
        for unwanted in ["Exception", "not started", "duplicate key"] {
            let mut lines = self.host().lines().into_iter();
            assert_eq!(lines.find(|line| line.contains(unwanted)), None);
        }
    }
}

fn data_root(setup: &Setup) -> PathBuf {
    setup.folder.path().join("mnt/data")
}

/// Where the server asks for none, any will do.
fn password_of(url: &str) -> String {
    let user = url.split('@').next().unwrap_or_default();
    let password = user
        .rsplit("//")
        .next()
        .and_then(|user| user.split_once(':'));
    password
        .map_or("postgres", |(_, password)| password)
        .to_owned()
}

/// Messages name files by their paths on the machine.
#[tokio::test]
async fn a_deployment_on_disk_works_from_its_own_files() {
    let case = Case::new("  type: 'disk'\n", |setup| setup).await;
    let file = data_root(&case.host().setup).join("in/a.txt");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "six by").unwrap();
    case.is_done_either_way(&file.display().to_string()).await;
    let outside = case.host().setup.path("host.toml");
    let message = json!({
        "uuid_ref": "outside", "data_type": "text/plain", "meta_location": "meta-1",
        "data_location": outside.display().to_string(),
    });
    case.client.publish("", "q_sqapi", message).await;
    let state = case.table.reaches("outside", "RETRY").await;
    let words = format!("Data by reference {} was not", outside.display());
    assert!(state.info.unwrap().starts_with(&words), "the reason");
    case.running.healthy().await;
}

/// Objects are looked for in one container after the other.
#[tokio::test]
async fn a_deployment_on_swift_works_from_its_own_files() {
    let swift = Swift::start().await;
    let data_store = format!(
        "  type: 'swift'\n  auth_url: http://{}/auth/v1.0\n  auth_version: '1'\n  \
         access_key_id: 'test:tester'\n  secret_access_key: ${{SWIFT_KEY}}\n  \
         containers:\n  - 'empty'\n  - name: 'inbox'\n",
        swift.address
    );
    let tree = swift.connector("lookup = 'path'\ncreate_containers = true");
    let case = Case::new(&data_store, |setup| {
        let setup = setup.variable(tenon_tests::swift::KEY_VARIABLE, KEY);
        setup.connector("port-tree", &tree)
    })
    .await;
    case.host().ready("port-tree").await;
    let caller = case.host().caller("port-tree", "alice");
    for (path, content) in [("empty/other.txt", "x"), ("inbox/in/a.txt", "six by")] {
        let stored = caller.upload(path, content).await;
        assert_eq!(stored.status, 200, "{}", stored.text());
    }
    case.is_done_either_way("in/a.txt").await;
    let missing = json!({
        "uuid_ref": "missing", "data_type": "text/plain", "meta_location": "meta-1",
        "data_location": "in/b.txt",
    });
    case.client.publish("", "q_sqapi", missing).await;
    let state = case.table.reaches("missing", "RETRY").await;
    let words = "Data by reference in/b.txt was not available at this moment: ";
    assert!(state.info.unwrap().starts_with(words), "the reason");
}
