//! `sqapi.yml` and the `config.yml` of each plugin, as they are, translated
//! into the native form: a pipeline, and the connectors it is made of. The
//! native form's reader then checks both, and reports what is wrong where it
//! stands in YAML. sqAPI contract, sections 2, 4 and 10.

mod broker;
mod database;
mod draft;
mod expand;
mod field;
mod message;
mod plugins;
mod processor;
mod scalar;
mod stores;
mod topics;
mod tree;

use std::path::PathBuf;

use self::database::Main;
use self::draft::{Draft, Secrets};
use self::plugins::Plugin;
use self::topics::{File, Topics};
use crate::config::origin::Origins;
use crate::config::reading::Reading;
use crate::config::source::Section;

/// The file, as sqAPI finds it: `CFG_FILE`, or below `WRK_DIR`.
const FROM_ENVIRONMENT: &str = "environment";
/// Where it is below `WRK_DIR`. sqAPI contract, section 4.2.
const BELOW_WORK: &str = "sqapi/conf/sqapi.yml";
/// Where plugins are below `WRK_DIR`.
const PLUGINS_BELOW_WORK: &str = "sqapi/plugins";

/// What became of an `sqapi.yml`.
pub(in crate::config) struct Derived {
    /// The pipeline, without what its own file says.
    pub(in crate::config) pipeline: Document,
    pub(in crate::config) connectors: Vec<Part>,
    /// What the texts refer to as variables.
    pub(in crate::config) secrets: Secrets,
}

/// A file of the native form that was never written.
pub(in crate::config) struct Document {
    pub(in crate::config) text: String,
    pub(in crate::config) origins: Origins,
}

/// A connector of the pipeline.
pub(in crate::config) struct Part {
    /// What it is to the pipeline: `data`, or a plugin's name.
    pub(in crate::config) part: String,
    /// Its own name.
    pub(in crate::config) name: String,
    pub(in crate::config) document: Document,
}

/// What is known besides the YAML.
pub(super) struct Translation<'c> {
    reading: Reading<'c>,
    /// The pipeline's name, with which those of its connectors begin.
    pipeline: String,
    tenant: Option<String>,
    /// The folder that `disk` reads.
    data_root: Option<PathBuf>,
    /// What scripts are looked up in before the plugin's own folder.
    work: Option<PathBuf>,
    draft: Draft,
    connectors: Vec<Part>,
    secrets: Secrets,
}

/// What the pipeline's own file puts in the place of the YAML's.
struct Own {
    /// A broker of another kind; without a type, what is said is laid over.
    broker: bool,
    data_store: bool,
    meta_store: bool,
    /// The connector's name.
    database: Option<String>,
}

impl Own {
    fn of(file: &mut Section<'_>) -> Self {
        let broker = file.section("broker").is_some_and(|mut broker| {
            let has_type = broker.has("type");
            // Read with the pipeline.
            broker.take_all();
            has_type
        });
        Self {
            broker,
            data_store: file.has("data_store"),
            meta_store: file.has("meta_store"),
            database: file.text("database"),
        }
    }
}

/// Translates what `sqapi_yml` of a pipeline's file names, if it does. Other
/// keys of the file take the place of what comes of it.
pub(in crate::config) fn read(file: &mut Section<'_>, stem: &str) -> Option<Derived> {
    let reading = file.place.reading;
    let named = file.take("sqapi_yml")?.text()?;
    let work = reading.variable("WRK_DIR").map(|path| reading.path(&path));
    let (path, shown) = main_file(reading, &named);
    let main = File::read(reading, &path, &shown)?;
    let directory = file
        .text("plugins_directory")
        .map(|path| reading.path(&path));
    let directory = directory.or_else(|| {
        let below = work.as_ref()?.join(PLUGINS_BELOW_WORK);
        (named == FROM_ENVIRONMENT).then_some(below)
    });
    ignore_logging(reading);
    let mut topics = Topics::new(reading, &main, None);
    let plugins = plugins::selected(reading, &mut topics, directory.as_deref());
    let mut translation = Translation {
        reading,
        pipeline: file.text("name").unwrap_or_else(|| stem.to_owned()),
        tenant: file.text("tenant"),
        data_root: file.text("data_root").map(|path| reading.path(&path)),
        work,
        draft: Draft::default(),
        connectors: Vec::new(),
        secrets: Secrets::default(),
    };
    let own = Own::of(file);
    translation.main(&own, topics, &main, &plugins);
    let (text, origins) = translation.draft.finish();
    Some(Derived {
        pipeline: Document { text, origins },
        connectors: translation.connectors,
        secrets: translation.secrets,
    })
}

/// Its path, and how it is shown.
fn main_file(reading: Reading<'_>, named: &str) -> (PathBuf, String) {
    let named = match named {
        FROM_ENVIRONMENT => reading.variable("CFG_FILE").unwrap_or_else(|| {
            let work = reading.variable("WRK_DIR");
            format!("{}/{BELOW_WORK}", work.as_deref().unwrap_or("."))
        }),
        path => path.to_owned(),
    };
    (reading.path(&named), named)
}

/// sqAPI's own log settings mean nothing here.
fn ignore_logging(reading: Reading<'_>) {
    if reading.variable("LOG_FILE").is_some() {
        reading.warn(
            "LOG_FILE",
            "means nothing: `[telemetry]` of host.toml says what is logged",
        );
    }
}

impl Translation<'_> {
    /// Everything but what the pipeline's own file replaces.
    fn main(&mut self, own: &Own, mut topics: Topics<'_>, main: &File, plugins: &[Plugin]) {
        // As sqAPI's documents promise, and unlike what it did.
        self.draft.set("must_start", true);
        let mut message = topics.take("message");
        let mut broker = topics.take("broker");
        message::translate(&mut broker, &mut message, &mut self.draft);
        // What it accepts is said of each plugin.
        broker.ignore(&["supported_mime"]);
        self.broker(&mut broker, own.broker);
        if own.data_store {
            topics.ignore(&["data_store"]);
        } else {
            let mut data_store = topics.take("data_store");
            self.data_store(&mut data_store);
        }
        if own.meta_store {
            topics.ignore(&["meta_store"]);
        } else if let Some(mut meta_store) = topics.take_some("meta_store") {
            self.meta_store(&mut meta_store);
        }
        let database = match &own.database {
            Some(connector) => {
                topics.ignore(&["database"]);
                Some(Main::of_others(connector))
            }
            None => self.main_database(&mut topics.take("database")),
        };
        for plugin in plugins {
            let topics = Topics::new(self.reading, main, plugin.file.as_ref());
            self.processor(plugin, topics, database.as_ref());
        }
        topics.ignore(&["packages", "plugin", "api", "custom"]);
    }

    /// The name of a connector of the pipeline's.
    fn name(&self, part: &str) -> String {
        // sqAPI's names may hold what a host name may not.
        let part = part.to_ascii_lowercase().replace(['_', '.', ' '], "-");
        format!("{}-{part}", self.pipeline)
    }

    /// Adds a connector, and returns its name.
    fn add(&mut self, part: &str, plugin: &str, mut draft: Draft) -> String {
        draft.set("frontend", "sqapi");
        draft.set("plugin", plugin);
        if let Some(tenant) = &self.tenant {
            draft.set("tenant", tenant.as_str());
        }
        let name = self.name(part);
        let (text, origins) = draft.finish();
        self.connectors.push(Part {
            part: part.to_owned(),
            name: name.clone(),
            document: Document { text, origins },
        });
        name
    }

    /// What a secret is called that was written down.
    fn secret_name(&self, of: &str) -> String {
        format!("{}_{of}", self.pipeline)
    }
}

#[cfg(test)]
mod tests;
