//! `[[processors]]` of a pipeline.

use std::collections::BTreeSet;
use std::fs;

use super::stores::Stores;
use crate::config::source::{Entry, Section};
use crate::dispatch::ConnectorId;
use crate::frontend::sqapi::mime::MediaRange;
use crate::frontend::sqapi::rest::RESERVED;
use crate::frontend::sqapi::settings::{CONCURRENCY, Init, Mode, Processor};

/// Longest name. It is part of paths, routing keys and metrics.
const NAME_BYTES_MAX: usize = 63;
/// Largest script: a schema, not a dump.
const SCRIPT_BYTES_MAX: u64 = 1 << 20;

/// Its processors, at least one unless it only serves resources: with none,
/// every message would count as done.
pub(super) fn read(
    file: &mut Section<'_>,
    stores: &Stores<'_>,
    database: Option<&ConnectorId>,
    mode: Mode,
) -> Option<Vec<Processor>> {
    let sections = file.sections("processors");
    if sections.is_empty() && mode != Mode::Api {
        file.below("processors")
            .problem("none: every message would count as done");
    }
    let mut names = BTreeSet::new();
    let read = |section| processor(section, stores, database, &mut names);
    let processors: Vec<_> = sections.into_iter().map(read).collect();
    processors.into_iter().collect()
}

fn processor(
    mut section: Section<'_>,
    stores: &Stores<'_>,
    database: Option<&ConnectorId>,
    names: &mut BTreeSet<String>,
) -> Option<Processor> {
    let name = name(&mut section, names);
    let connector = stores.required(&mut section, "connector", "processor");
    let accepts = section.take("accepts").map(accepts);
    let mut concurrency = CONCURRENCY;
    section.set("concurrency", &mut concurrency);
    let init = section
        .take("init")
        .map(|entry| init(entry, stores, database));
    Some(Processor {
        name: name?,
        connector: connector?,
        accepts,
        init: init.flatten(),
        concurrency,
    })
}

fn name(section: &mut Section<'_>, names: &mut BTreeSet<String>) -> Option<String> {
    section.require("name");
    let entry = section.take("name")?;
    let place = entry.place.clone();
    let name = entry.text()?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(is_allowed) {
        place.problem(format_args!(
            "`{name}` is no name: use letters, digits, `-` and `_`, at most {NAME_BYTES_MAX}"
        ));
    } else if RESERVED.contains(&name.as_str()) {
        place.problem(format_args!("`/{name}` is the pipeline's own address"));
    } else if !names.insert(name.clone()) {
        place.problem(format_args!("another processor is called `{name}`"));
    }
    Some(name)
}

fn accepts(entry: Entry<'_>) -> Vec<MediaRange> {
    let range = |item: Entry<'_>| {
        let place = item.place.clone();
        place.check(item.text()?.parse())
    };
    entry.items().into_iter().filter_map(range).collect()
}

/// A script's file, and the connector that runs it: the pipeline's database
/// unless told otherwise.
fn init(entry: Entry<'_>, stores: &Stores<'_>, own: Option<&ConnectorId>) -> Option<Init> {
    let place = entry.place.clone();
    let (file, database) = if entry.value().is_table() && !entry.is_reference() {
        let mut section = entry.section()?;
        section.require("file");
        let database = stores.optional(&mut section, "database", "database");
        (section.text("file"), database)
    } else {
        (entry.text(), None)
    };
    let file = file?;
    let path = place.reading.path(&file);
    place.reading.watch(path.parent().unwrap_or(&path));
    let read = || {
        let size = fs::metadata(&path)?.len();
        if size > SCRIPT_BYTES_MAX {
            let why = format!("{size} bytes are more than a script has ({SCRIPT_BYTES_MAX})");
            return Err(std::io::Error::other(why));
        }
        fs::read_to_string(&path)
    };
    let script = place.check(read().map_err(|error| format!("{}: {error}", path.display())))?;
    place.reading.note("script", &script);
    Some(Init {
        file,
        script,
        database: database.or_else(|| own.cloned())?,
    })
}
