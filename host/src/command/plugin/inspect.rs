//! `tenon plugin inspect`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tenon_host::author::{self, Inspection};

use super::calling::{self, REFUSED};
use crate::command::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The component's file
    component: PathBuf,
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let runtime = calling::runtime()?;
    match runtime.block_on(author::inspect(&arguments.component)) {
        Ok(inspection) => {
            output.print(&inspection, text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(failed) => {
            eprintln!("tenon: {failed}");
            Ok(ExitCode::from(REFUSED))
        }
    }
}

fn text(inspection: &Inspection) -> String {
    let kib = |bytes: u64| bytes.div_ceil(1024);
    let mut rows = vec![
        (
            "plugin",
            format!("{} {}", inspection.name, inspection.version),
        ),
        ("digest", inspection.digest.to_string()),
        ("size", format!("{} KiB", kib(inspection.size_bytes))),
        ("roles", inspection.roles.join(", ")),
        ("contract", list(&inspection.contract)),
    ];
    for import in &inspection.imports {
        rows.push((
            "imports",
            format!("{}, needs {}", import.name, import.needs),
        ));
    }
    let base = inspection.base_imports.len();
    rows.push((
        "imports",
        format!("{base} of the base set, which need nothing"),
    ));
    rows.push(("wants", list(&inspection.wants)));
    for (field, producers) in &inspection.producers {
        let named = producers
            .iter()
            .map(|(name, version)| format!("{name} {version}").trim().to_owned());
        rows.push((producer(field), named.collect::<Vec<_>>().join(", ")));
    }
    let stack = inspection.stack_bytes;
    let stack = stack.map_or_else(String::new, |bytes| {
        format!(", of it stack {} KiB", kib(bytes))
    });
    let memory = kib(inspection.memory_bytes_min);
    rows.push(("memory", format!("{memory} KiB at its start{stack}")));
    rows.push((
        "profile",
        format!(
            "{}; {} core instances, {} table elements",
            inspection.profile, inspection.core_instances, inspection.table_elements_min
        ),
    ));
    rows.push((
        "built in",
        match inspection.dependencies.len() {
            0 => "its build noted no libraries".to_owned(),
            _ => list(&inspection.dependencies),
        },
    ));
    rows.push(("config", inspection.config_schema.to_string()));
    let lines = rows
        .iter()
        .map(|(name, value)| format!("{name:<10} {value}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn producer(field: &str) -> &'static str {
    match field {
        "language" => "language",
        "sdk" => "sdk",
        _ => "made by",
    }
}

fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    let items: Vec<_> = items.into_iter().map(String::as_str).collect();
    match items.as_slice() {
        [] => "nothing".to_owned(),
        items => items.join(", "),
    }
}
