//! A pipeline in process, its connectors as components or as native functions.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use plugin_disk::Disk;
use secrecy::SecretString;
use serde_json::json;
use tempfile::TempDir;
use tenon_host::capability::files::{Access, Root};
use tenon_host::capability::http::Certificates;
use tenon_host::capability::{Io, database, sql};
use tenon_host::dispatch::{Connector, Dispatcher};
use tenon_host::frontend::Room;
use tenon_host::frontend::sqapi::broker::rabbitmq::{self, Topology};
use tenon_host::frontend::sqapi::broker::{self, Broker, Message, Origin};
use tenon_host::frontend::sqapi::metrics::Families;
use tenon_host::frontend::sqapi::settings::{
    CONCURRENCY, Fields, Intake, Limits, MimeSource, Mode, Parser, Parsing, Processor, Retry,
    Settings,
};
use tenon_host::frontend::sqapi::{Parts, Pipeline};
use tenon_host::limits::{Batch, Isolation, Warm};
use tenon_host::persistence::Persistence;
use tenon_host::telemetry::metrics::Metrics;
use tenon_sdk::native::Environment;
use tenon_tests::connector::{self, Plan};
use tenon_tests::postgres::Server;
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::{artefact, native};
use tokio::runtime::Handle;

use super::native::{Look, NativeLauncher, pool};

/// The grant's own number, and that of the native pool.
const CONNECTIONS: usize = 8;
const DATA: &str = "a.txt";
const PROCESSORS: [(&str, Look); 3] = [
    ("sizes", Look::Sizes),
    ("duplicates", Look::Duplicates),
    ("datatypes", Look::Datatypes),
];

/// In what form connectors run.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// As they are shipped.
    Components,
    /// As functions of this program.
    Native,
}

/// What both forms share.
#[derive(Debug)]
pub struct Bench {
    rabbitmq: SocketAddr,
    dispatcher: Arc<Dispatcher>,
    persistence: Persistence,
    families: Families,
    folder: TempDir,
}

/// A pipeline at work.
#[derive(Debug)]
pub struct Running(Arc<Pipeline>);

impl Form {
    /// The connector `name`, in this form.
    fn of(self, name: &str) -> String {
        match self {
            Self::Components => name.to_owned(),
            Self::Native => format!("native-{name}"),
        }
    }
}

impl Bench {
    /// Connects everything.
    pub async fn new(database: &Server, rabbitmq: &RabbitMq) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        std::fs::write(data.join(DATA), b"six by")?;
        let url = database.url();
        let connectors = components(&data, &url)?
            .into_iter()
            .chain(natives(&data, &url)?);
        let url = Persistence::url_of(&folder.path().join("host.db"));
        Ok(Self {
            rabbitmq: rabbitmq.address(),
            dispatcher: connector::dispatcher(connectors),
            persistence: Persistence::open(&url).await?,
            families: Families::new(&Metrics::new()?)?,
            folder,
        })
    }

    /// The broker of a form, which delivers to nobody yet.
    pub fn broker(&self, form: Form) -> Arc<dyn Broker> {
        let config = rabbitmq::Config {
            host: self.rabbitmq.ip().to_string(),
            port: self.rabbitmq.port(),
            vhost: "/".to_owned(),
            username: "guest".to_owned(),
            password: SecretString::from("guest"),
            tls: None,
            heartbeat: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            backoff_min: Duration::from_millis(100),
            backoff_max: Duration::from_secs(1),
            queue: form.of("bench"),
            exchange: None,
            topology: Topology::Own { durable: true },
            dead_letters: None,
        };
        let config = broker::Config::RabbitMq(Box::new(config));
        let prefetch = Limits::default().messages;
        broker::open(
            &config,
            &form.of("bench"),
            prefetch,
            &self.persistence,
            &Handle::current(),
        )
    }

    /// Publishes a message, to be found under `m` and its number.
    pub async fn publish(&self, broker: &dyn Broker, number: usize) -> anyhow::Result<()> {
        let uuid = format!("m{number}");
        let body = json!({
            "uuid_ref": uuid, "data_type": "text/plain", "data_location": DATA,
            "metadata": "{\"name\":\"x\"}", "meta_location": uuid,
        });
        let message = Message {
            body: body.to_string().into(),
            only: None,
            attempt: 0,
            origin: Origin::default(),
        };
        let mut left = 100;
        while let Err(error) = broker.publish(message.clone()).await {
            // Not connected yet.
            ensure!(left > 0, "{error}");
            left -= 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Files of the spool that are still open; none has a name.
    pub fn open_spool_files(&self) -> anyhow::Result<usize> {
        let open = std::fs::read_dir("/proc/self/fd")?;
        let files = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        Ok(files
            .filter(|file| file.to_string_lossy().contains("memfd:spool"))
            .count())
    }

    /// Starts a form's pipeline.
    pub fn start(&self, form: Form, broker: Arc<dyn Broker>) -> Running {
        let settings = settings(form);
        let pipeline = Pipeline::new(Parts {
            metrics: self.families.of(&settings.id),
            room: Room::new(self.folder.path().to_owned(), 1 << 20, 1 << 30),
            dispatcher: self.dispatcher.clone(),
            persistence: self.persistence.clone(),
            broker: Some(broker),
            settings,
        });
        tokio::spawn(pipeline.clone().run());
        Running(pipeline)
    }
}

impl Running {
    /// Ends it once everything is settled.
    pub async fn stop(self) -> anyhow::Result<()> {
        let ended = self.0.stop(Duration::from_secs(10)).await;
        ensure!(ended, "messages are left");
        Ok(())
    }
}

fn settings(form: Form) -> Settings {
    let id = |name: &str| form.of(name).parse().expect("a name");
    let processors = PROCESSORS.iter().map(|(name, _)| Processor {
        name: (*name).to_owned(),
        connector: id(name),
        accepts: None,
        init: None,
        concurrency: CONCURRENCY,
    });
    Settings {
        id: id("bench"),
        listen: None,
        mode: Mode::Loader,
        parsing: Parsing {
            parser: Parser::Json,
            fields: Fields::default(),
        },
        mime: MimeSource::default(),
        data_store: id("data"),
        data_root: None,
        meta_store: None,
        database: id("database"),
        processors: processors.collect(),
        limits: Limits::default(),
        retry: Retry::default(),
        process_delay: Duration::ZERO,
        intake: Intake::default(),
        must_start: false,
    }
}

/// As `runtime-config` has them, with PostgreSQL for the database.
fn components(data: &Path, url: &str) -> anyhow::Result<Vec<Arc<Connector>>> {
    let plan = |name: &str, isolation| {
        let mut plan = Plan::new(artefact::plugin(name));
        plan.isolation = isolation;
        plan
    };
    let mut disk = plan("disk", Isolation::Warm(Warm::default()));
    let root = Root::open(data, Access::ReadWrite, Io::Inline)?;
    disk.config.insert("root".to_owned(), "data".to_owned());
    disk.grants.files.0.insert("data".to_owned(), root);
    let mut database = plan("postgres", Isolation::Warm(Warm::default()));
    let url = SecretString::from(url);
    let target = sql::Target::postgres(&url, Certificates::default())?;
    let grant = sql::Grant::new(sql::Settings::new(target))?;
    database.grants.sql.insert("main".to_owned(), grant);
    let processors = PROCESSORS.iter().map(|(name, _)| {
        let mut processor = plan(name, Isolation::Batch(Batch::default()));
        let connector = "database".to_owned();
        processor.grants.database = Some(database::Grant { connector });
        processor.build(name)
    });
    let processors: Vec<_> = processors.collect();
    let stores = [disk.build("data"), database.build("database")];
    Ok(stores.into_iter().chain(processors).collect())
}

fn natives(data: &Path, url: &str) -> anyhow::Result<Vec<Arc<Connector>>> {
    let pool = pool(url, CONNECTIONS)?;
    let connector = |name: &str, launcher| {
        connector::connector(&Form::Native.of(name), launcher, Arc::default())
    };
    let environment = Environment::builder().root("files", data)?.build();
    let disk = native::NativeLauncher::<Disk>::file_store(environment);
    let mut connectors = vec![
        connector("data", Arc::new(disk)),
        connector("database", Arc::new(NativeLauncher::database(pool))),
    ];
    let database = Form::Native.of("database");
    connectors.extend(PROCESSORS.iter().map(|(name, look)| {
        let launcher = NativeLauncher::processor(*look, &database);
        connector(name, Arc::new(launcher))
    }));
    Ok(connectors)
}
