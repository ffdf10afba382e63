//! `tenon sqapi convert`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use tenon_host::config::{Converted, Import};

use crate::command::{Output, mistaken};

#[derive(Debug, Args)]
#[command(after_help = "\
Prints files for the configuration directory. Secrets stay behind: the files refer to variables.
Variables in sqapi.yml are replaced by what they hold now.

Example:
  tenon sqapi convert sqapi.yml --plugins sqapi/plugins --data-root /mnt/data")]
pub(crate) struct Arguments {
    /// sqAPI's configuration
    #[arg(value_name = "FILE", default_value = "sqapi.yml")]
    yml: PathBuf,
    /// Folder with a folder for each plugin, config.yml in it
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// Folder below which `data_store.type: disk` finds files
    #[arg(long, value_name = "DIR")]
    data_root: Option<PathBuf>,
    /// What the pipeline is to be called
    #[arg(long, default_value = "main")]
    name: String,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let import = Import {
        yml: arguments.yml.clone(),
        plugins: arguments.plugins.clone(),
        data_root: arguments.data_root.clone(),
        name: arguments.name.clone(),
    };
    match import.convert() {
        Ok(converted) => {
            for warning in &converted.warnings {
                eprintln!("warning: {warning}");
            }
            print(&converted, output)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => Ok(mistaken(&problems)),
    }
}

fn print(converted: &Converted, output: &Output) -> anyhow::Result<()> {
    let files = converted.files.iter();
    let files: serde_json::Map<_, _> = files
        .map(|(path, text)| (path.clone(), text.as_str().into()))
        .collect();
    let result = json!({ "files": files, "variables": converted.variables });
    output.print(&result, |_| text(converted))
}

fn text(converted: &Converted) -> String {
    let mut text = String::new();
    for variable in &converted.variables {
        text += &format!("# Set {variable}, which is a secret.\n");
    }
    for (path, file) in &converted.files {
        text += &format!("\n# ==> {path}\n{file}");
    }
    text
}
