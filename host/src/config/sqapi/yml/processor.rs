//! A plugin of sqAPI's: a processor, and the connector that runs it. sqAPI
//! contract, section 10.

use std::path::{Path, PathBuf};

use super::Translation;
use super::database::Main;
use super::draft::{Draft, milliseconds};
use super::field::Field;
use super::plugins::Plugin;
use super::topics::Topics;

/// What sqAPI's last version gives a plugin for one message.
const TIMEOUT_MS: i64 = 300_000;
/// Pictures take more than what streams.
const MEMORY_BYTES: i64 = 256 << 20;

impl Translation<'_> {
    pub(super) fn processor(
        &mut self,
        plugin: &Plugin,
        mut topics: Topics<'_>,
        main: Option<&Main>,
    ) {
        let name = plugin.name.as_str();
        let mut broker = topics.take("broker");
        let mut of_plugin = topics.take("plugin");
        let mut database = topics.take("database");
        let mut item = Draft::of(&of_plugin.origin);
        item.set("name", name);
        let of_broker = broker.take_even_null("supported_mime");
        let accepts = of_plugin.take_even_null("mime_types").or(of_broker);
        match accepts {
            // sqAPI takes all where nothing is said.
            None => item.set("accepts", Vec::<String>::new()),
            Some(field) => {
                let origin = field.origin.clone();
                let ranges = field.items().into_iter().filter_map(Field::text);
                let ranges: Vec<_> = ranges.map(|range| range.text).collect();
                item.set_from("accepts", ranges, &origin);
            }
        }
        broker.take_all();
        let init = database.take("init").and_then(Field::text);
        let mut connector = Draft::of(&of_plugin.origin);
        let database = self.database_of(name, &mut database, main);
        if let Some(database) = &database {
            connector.set("grants.database.connector", database.as_str());
        }
        if let Some((init, path)) = init.and_then(|init| {
            let path = self.script(&init.text, plugin.folder.as_deref());
            Some((init, path?))
        }) {
            let mut script = Draft::of(&init.origin);
            script.set_from("file", path.display().to_string(), &init.origin);
            if let Some(database) = &database {
                script.set("database", database.as_str());
            }
            item.put("init", script);
        }
        connector.set("isolation", "batch");
        let timeout = of_plugin.take("timeout").and_then(Field::seconds);
        let timeout_ms = timeout.map_or(TIMEOUT_MS, milliseconds);
        for limit in ["first_byte_ms", "total_ms", "cpu_ms"] {
            connector.set(&format!("limits.{limit}"), timeout_ms);
        }
        connector.set("limits.memory_bytes", MEMORY_BYTES);
        // Set by sqAPI itself.
        of_plugin.ignore(&["name", "directory"]);
        let mut config = Draft::default();
        for (key, field) in topics.take("custom").take_all() {
            config.entry(&key, field);
        }
        connector.put("config", config);
        let connector = self.add(name, name, connector);
        item.set("connector", connector);
        self.draft.push("processors", item);
        topics.ignore(&["message", "meta_store", "data_store", "packages", "api"]);
    }

    /// A script, looked up as sqAPI does: where it works, then in the plugin's
    /// folder. A plugin makes its own tables, so none is no mistake.
    fn script(&self, init: &str, folder: Option<&Path>) -> Option<PathBuf> {
        let places = [self.work.as_deref(), folder];
        let mut paths = places.into_iter().flatten().map(|place| place.join(init));
        paths.find(|path| path.is_file())
    }
}
