//! The topics of `sqapi.yml`, and of a plugin's `config.yml` over them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::field::{Field, Mapping};
use super::tree::{self, Map, Value};
use crate::config::origin::Origin;
use crate::config::problem::Problem;
use crate::config::reading::Reading;

/// Largest file, in bytes. A long one has four KiB.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// What sqAPI, or one of its generations, calls a topic. The first is the
/// name under which it is asked for.
const NAMES: &[&[&str]] = &[
    &["broker", "msg_broker"],
    &["message"],
    &["plugin"],
    &["packages"],
    &["meta_store"],
    &["data_store"],
    &["database"],
    &["active_plugins"],
    &["disabled_plugins"],
    &["api"],
    &["custom"],
];

/// One file.
pub(super) struct File {
    /// As it is shown.
    pub(super) name: Arc<str>,
    topics: Map,
}

impl File {
    /// Reads a file; what is wrong with it as such is noted. `shown` is its
    /// name in problems.
    pub(super) fn read(reading: Reading<'_>, path: &Path, shown: &str) -> Option<Self> {
        reading.watch(path.parent().unwrap_or(path));
        let read = || {
            let size = fs::metadata(path)?.len();
            if size > FILE_BYTES_MAX {
                let why = format!("{size} bytes are more than {FILE_BYTES_MAX}");
                return Err(std::io::Error::other(why));
            }
            fs::read_to_string(path)
        };
        let text = match read() {
            Ok(text) => text,
            Err(error) => {
                reading.problem(shown, error);
                return None;
            }
        };
        reading.note("yml", &text);
        match tree::parse(&text, &|name| reading.set_variable(name)) {
            Ok(topics) => Some(Self {
                name: shown.into(),
                topics,
            }),
            Err(broken) => {
                reading.report.add(Problem {
                    file: shown.to_owned(),
                    line: Some(broken.at.line),
                    column: Some(broken.at.column),
                    key: String::new(),
                    message: broken.why,
                });
                None
            }
        }
    }

    /// Whether a topic of the file has a key.
    pub(super) fn says(&self, topic: &str, key: &str) -> bool {
        let mut topics = self.topics.iter().filter(|(name, _)| name.name == topic);
        topics.any(|(_, node)| match &node.value {
            Value::Map(map) => map.iter().any(|(name, _)| name.name == key),
            _ => false,
        })
    }

    /// The file as such.
    pub(super) fn whole(&self) -> Origin {
        Origin {
            file: self.name.clone(),
            line: 1,
            column: 1,
            key: String::new(),
        }
    }

    fn origin(&self, key: &tree::Key) -> Origin {
        Origin {
            file: self.name.clone(),
            line: key.at.line,
            column: key.at.column,
            key: key.name.clone(),
        }
    }
}

/// The topics of one plugin, or of the main file alone.
pub(super) struct Topics<'c> {
    reading: Reading<'c>,
    /// Where the file itself is.
    pub(super) whole: Origin,
    mappings: BTreeMap<&'static str, Mapping<'c>>,
    /// Topics that are lists.
    lists: BTreeMap<&'static str, Field<'c>>,
}

impl<'c> Topics<'c> {
    /// The topics of the main file, with those of a plugin over them, one
    /// level deep. sqAPI contract, section 4.1.
    pub(super) fn new(reading: Reading<'c>, main: &File, plugin: Option<&File>) -> Self {
        let mut topics = Self {
            reading,
            whole: main.whole(),
            mappings: BTreeMap::new(),
            lists: BTreeMap::new(),
        };
        topics.update(main);
        if let Some(plugin) = plugin {
            topics.update(plugin);
        }
        topics
    }

    fn update(&mut self, file: &File) {
        for (key, node) in &file.topics {
            let origin = file.origin(key);
            let field = Field {
                reading: self.reading,
                origin: origin.clone(),
                value: node.value.clone(),
            };
            let names = NAMES
                .iter()
                .find(|names| names.contains(&key.name.as_str()));
            let Some(name) = names.and_then(|names| names.first()) else {
                let known = NAMES.concat().join("`, `");
                field.warn(format_args!(
                    "unknown topic, which means nothing; there are `{known}`"
                ));
                continue;
            };
            match node.value.clone() {
                Value::List(_) if name.ends_with("_plugins") => {
                    self.lists.insert(name, field);
                }
                Value::Null => {
                    self.mapping(name, &origin);
                }
                Value::Map(map) => self.mapping(name, &origin).update(map, Some(&origin)),
                _ => _ = field.mapping(),
            }
        }
    }

    fn mapping(&mut self, name: &'static str, origin: &Origin) -> &mut Mapping<'c> {
        let reading = self.reading;
        let empty = || Mapping::empty(reading, origin.clone());
        self.mappings.entry(name).or_insert_with(empty)
    }

    /// A topic; an empty one where nothing is said.
    pub(super) fn take(&mut self, name: &'static str) -> Mapping<'c> {
        let mapping = self.mappings.remove(name);
        mapping.unwrap_or_else(|| Mapping::empty(self.reading, self.whole.clone()))
    }

    /// A topic that is there.
    pub(super) fn take_some(&mut self, name: &'static str) -> Option<Mapping<'c>> {
        self.mappings.remove(name)
    }

    pub(super) fn take_list(&mut self, name: &'static str) -> Option<Field<'c>> {
        self.lists.remove(name)
    }

    /// Topics that are none of the reader's concern, mistakes in them included.
    pub(super) fn ignore(&mut self, names: &[&'static str]) {
        for name in names {
            if let Some(mut mapping) = self.mappings.remove(name) {
                mapping.take_all();
            }
        }
    }
}
