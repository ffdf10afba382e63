//! `tenon plugin new`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tenon_host::author::{self, Created, Language, Plan, ROLES};
use tenon_host::plugin::Role;

use crate::command::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What the plugin is to the host: file-store or repository
    #[arg(value_parser = role)]
    role: Role,
    /// Its name: lower-case letters, digits and `-`
    name: String,
    /// Where the project goes; must not exist yet (default: `./` and the name)
    #[arg(long)]
    dir: Option<PathBuf>,
    /// What it is written in
    #[arg(long, value_enum, default_value_t)]
    language: Language,
}

fn role(text: &str) -> Result<Role, String> {
    let known = ROLES.into_iter().find(|role| role.name() == text);
    known.ok_or_else(|| {
        let names = ROLES.map(Role::name);
        format!(
            "no project can start as that; there is {}",
            names.join(", ")
        )
    })
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let created = author::create(&Plan {
        role: arguments.role,
        name: arguments.name,
        directory: arguments.dir,
        language: arguments.language,
    })?;
    output.print(&created, text)?;
    Ok(ExitCode::SUCCESS)
}

fn text(created: &Created) -> String {
    let directory = created.directory.display();
    let next = created.next.join("\n  ");
    format!("made {directory}; its README.md says more. Next:\n\n  {next}")
}
