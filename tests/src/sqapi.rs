//! A whole sqAPI deployment on the real host: stores, processors and one
//! pipeline, each part exchangeable for a real server.

mod producer;
mod table;

pub use producer::{Producer, QUEUE};
pub use table::{State, Table};

use std::net::SocketAddr;
use std::path::PathBuf;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::client::{self, Answer};
use crate::host::Host;
use crate::setup::Setup;
use crate::{address, wait};

/// The name of the pipeline.
pub const PIPELINE: &str = "main";
/// sqAPI's three first processors.
pub const PROCESSORS: [&str; 3] = ["sizes", "duplicates", "datatypes"];

const OPERATOR: &str = "ann";

/// A deployment that is being put together.
#[derive(Debug)]
pub struct Deployment {
    setup: Setup,
    listen: SocketAddr,
    broker: String,
    processors: String,
    /// Further keys and tables of the pipeline.
    more: (String, String),
    has_meta_store: bool,
}

/// A deployment at work.
#[derive(Debug)]
pub struct Running {
    /// Its host.
    pub host: Host,
    listen: SocketAddr,
}

impl Default for Deployment {
    fn default() -> Self {
        Self::new()
    }
}

impl Deployment {
    /// Everything embedded: data in a folder, metadata with the message, an
    /// SQLite file, and the host's own queue.
    pub fn new() -> Self {
        let listen = address::unused();
        let setup = Setup::new().host(&format!("[sqapi]\nlisten = '{listen}'\n"));
        let deployment = Self {
            setup,
            listen,
            broker: "type = 'embedded'\n".to_owned(),
            processors: String::new(),
            more: Default::default(),
            has_meta_store: false,
        };
        std::fs::create_dir_all(deployment.data("")).expect("a folder");
        let data = deployment.data("").display().to_string();
        let database = deployment.setup.folder.path().join("state/sqapi.db");
        deployment
            .connector(
                "sqapi-data",
                &format!(
                    "plugin = 'disk'\n[config]\nroot = 'data'\n[[grants.files]]\nname = 'data'\n\
                     path = '{data}'\naccess = 'read-write'\n"
                ),
            )
            .connector(
                "sqapi-db",
                &format!(
                    "plugin = 'sqlite'\n[[grants.sql]]\nname = 'main'\nurl = 'sqlite:{}'\n",
                    database.display()
                ),
            )
    }

    /// Adds or replaces a connector of sqAPI's.
    #[must_use]
    pub fn connector(mut self, name: &str, text: &str) -> Self {
        let text = format!("frontend = 'sqapi'\n{text}");
        self.setup = self.setup.connector(name, &text);
        self
    }

    /// Keeps states and results in a PostgreSQL database.
    #[must_use]
    pub fn postgres(mut self, url: &str) -> Self {
        self.setup = self.setup.variable("SQAPI_DATABASE", url);
        self.connector(
            "sqapi-db",
            "plugin = 'postgres'\n[[grants.sql]]\nname = 'main'\nurl = 'env:SQAPI_DATABASE'\n",
        )
    }

    /// Finds metadata in a Redis.
    #[must_use]
    pub fn redis(mut self, address: SocketAddr) -> Self {
        self.has_meta_store = true;
        self.connector(
            "sqapi-meta",
            &format!(
                "plugin = 'redis'\n[[grants.kv]]\nname = 'main'\nurl = 'redis://{address}/0'\n"
            ),
        )
    }

    /// Takes messages from elsewhere; the text of `[broker]`.
    #[must_use]
    pub fn broker(mut self, text: &str) -> Self {
        text.clone_into(&mut self.broker);
        self
    }

    /// Adds sqAPI's three first processors.
    #[must_use]
    pub fn processors(self) -> Self {
        PROCESSORS.iter().fold(self, |deployment, name| {
            deployment.processor(name, name, "")
        })
    }

    /// Adds a processor: a plugin's name or path, and more of its connector.
    #[must_use]
    pub fn processor(mut self, name: &str, plugin: &str, more: &str) -> Self {
        self.processors += &format!("[[processors]]\nname = '{name}'\nconnector = 'p-{name}'\n");
        let text = format!(
            "plugin = '{plugin}'\nisolation = 'batch'\n[grants.database]\nconnector = 'sqapi-db'\n{more}"
        );
        self.connector(&format!("p-{name}"), &text)
    }

    /// Adds keys to the processor that was added last.
    #[must_use]
    pub fn with(mut self, keys: &str) -> Self {
        self.processors += keys;
        self
    }

    /// Adds keys and tables to the pipeline.
    #[must_use]
    pub fn pipeline(mut self, keys: &str, tables: &str) -> Self {
        self.more.0 += keys;
        self.more.1 += tables;
        self
    }

    /// Lets somebody look at what was given up.
    #[must_use]
    pub fn operated(self) -> Self {
        self.setup(|setup| setup.operator(OPERATOR))
    }

    /// Changes the rest of the host's configuration.
    #[must_use]
    pub fn setup(mut self, change: impl FnOnce(Setup) -> Setup) -> Self {
        self.setup = change(self.setup);
        self
    }

    /// A file of the data store.
    pub fn data(&self, path: &str) -> PathBuf {
        self.setup.folder.path().join("data").join(path)
    }

    /// Writes the pipeline's file, so that the configuration is whole.
    pub fn write(&self) {
        let meta = if self.has_meta_store {
            "meta_store = 'sqapi-meta'\n"
        } else {
            ""
        };
        let (keys, tables) = &self.more;
        let text = format!(
            "data_store = 'sqapi-data'\ndatabase = 'sqapi-db'\n{meta}{keys}\
             [broker]\n{}[intake]\nenabled = true\n{tables}{}",
            self.broker, self.processors
        );
        self.setup.write(format!("sqapi/{PIPELINE}.toml"), text);
    }

    /// Starts it, and waits until it takes messages.
    pub async fn start(self) -> Running {
        let running = self.launch().await;
        running.healthy().await;
        running
    }

    /// Starts it, whatever its pipeline does.
    pub async fn launch(self) -> Running {
        self.write();
        let listen = self.listen;
        Running::of(self.setup.start().await, listen).await
    }
}

impl Running {
    /// A host with a pipeline of its own at this address, once that answers.
    pub async fn of(host: Host, listen: SocketAddr) -> Self {
        let running = Self { host, listen };
        running.listening().await;
        running
    }

    /// Puts a file into the data store.
    ///
    /// # Panics
    ///
    /// When the disk is full.
    pub fn store(&self, path: &str, content: &[u8]) {
        let path = self.host.setup.folder.path().join("data").join(path);
        let folder = path.parent().expect("a folder above");
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(path, content).expect("room for a file");
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// Asks the pipeline.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// Asks the pipeline by another method.
    ///
    /// # Panics
    ///
    /// When nobody answers.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        client::send(self.listen, Self::request(method, path, headers, body)).await
    }

    fn request(
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::new(body.into())).expect("a request")
    }

    /// Hands a message in over HTTP.
    pub async fn post(&self, message: &Value) -> Answer {
        self.send("POST", "/messages", &[], message.to_string())
            .await
    }

    /// Its listener opens after that of the connectors.
    async fn listening(&self) {
        wait::until("the pipeline answers", async || {
            let request = Self::request("GET", "/health", &[], "");
            client::open(self.listen, request).await.ok()
        })
        .await;
    }

    /// Waits until messages are taken.
    pub async fn healthy(&self) {
        wait::until("the pipeline takes messages", async || {
            (self.get("/health").await.status == 200).then_some(())
        })
        .await;
    }

    /// Waits until `/health` says otherwise, and returns what it says.
    pub async fn unhealthy(&self) -> Value {
        wait::until("the pipeline says what is wrong", async || {
            let answer = self.get("/health").await;
            (answer.status == 503).then(|| answer.json())
        })
        .await
    }

    /// Waits until `/health` tells of the broker what holds all of these words.
    pub async fn tells(&self, words: &[&str]) -> String {
        wait::until(&format!("the broker's error has {words:?}"), async || {
            let health = self.get("/health").await.json();
            let error = health["broker"]["error"].as_str()?;
            let has_all = words.iter().all(|word| error.contains(word));
            has_all.then(|| error.to_owned())
        })
        .await
    }

    /// Waits until no file of the spool is open any more, named or not.
    pub async fn nothing_is_left(&self) {
        let descriptors = format!("/proc/{}/fd", self.host.id());
        wait::until("the spool is empty", async || {
            let open = std::fs::read_dir(&descriptors).ok()?;
            let files = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
            let mut files = files.filter(|file| {
                let file = file.to_string_lossy();
                file.contains("/scratch/") || file.contains("memfd:spool")
            });
            files.next().is_none().then_some(())
        })
        .await;
        let scratch = self.host.setup.path("scratch");
        let named = std::fs::read_dir(scratch).expect("a folder").count();
        assert_eq!(named, 0, "files with names are left");
    }

    /// Messages that were given up, as operators see them. The deployment
    /// needs [`Deployment::operated`].
    ///
    /// # Panics
    ///
    /// When the operator is refused.
    pub async fn failures(&self) -> Vec<Value> {
        let answer = self.host.operator(OPERATOR).get("/sqapi/failures").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().as_array().cloned().unwrap_or_default()
    }

    /// Sends again what was given up, and says how many.
    pub async fn retry_failures(&self) -> u64 {
        let operator = self.host.operator(OPERATOR);
        let answer = operator.post("/sqapi/failures/retry", &json!({})).await;
        answer.json()["messages"].as_u64().unwrap_or_default()
    }

    /// Stops it and starts it anew with the same configuration.
    pub async fn restart(self, kill: bool) -> Self {
        self.restart_after(kill, async || {}).await
    }

    /// The same, with something that happens meanwhile.
    ///
    /// # Panics
    ///
    /// When it does not stop in good order, unless it is killed.
    pub async fn restart_after(self, kill: bool, work: impl AsyncFnOnce()) -> Self {
        let Self { mut host, listen } = self;
        if kill {
            host.kill();
            host.ended().await;
        } else {
            assert!(host.stop().await.success());
        }
        let setup = std::mem::take(&mut host.setup);
        drop(host);
        work().await;
        Self::of(setup.start().await, listen).await
    }
}

/// A message about a file of the data store, with metadata of its own.
pub fn message(uuid: &str, path: &str) -> Value {
    json!({
        "uuid_ref": uuid, "data_type": "text/plain", "data_location": path,
        "metadata": "{\"name\":\"x\"}", "meta_location": uuid,
    })
}
