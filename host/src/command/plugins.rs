//! `tenon plugins`.

use std::process::ExitCode;

use clap::Args;
use tenon_host::catalog::ComponentStatus;

use super::component::Component;
use super::remote::{self, Error, Remote, read};
use super::{Output, text};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tenon plugins
  tenon plugins 4f2a9c81d0e3     # with what was found in the file")]
pub(crate) struct Arguments {
    /// Only this one: a digest or its first digits
    digest: Option<Component>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    remote::run(&arguments.remote, output, async |client| {
        if let Some(component) = &arguments.digest {
            let digest = component.resolve(client).await?;
            if !digest.starts_with("sha256:") {
                let message = format!("`{digest}` is no digest; `tenon plugins` lists them");
                return Err(Error::Usage(message));
            }
            let answer = client.get(&["components", &digest], &[]).await?;
            let component: ComponentStatus = read(&answer)?;
            output.print(&answer, |_| describe(&component))?;
        } else {
            let answer = client.get(&["components"], &[]).await?;
            let components: Vec<ComponentStatus> = read(&answer)?;
            output.print(&answer, |_| table(&components))?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn table(components: &[ComponentStatus]) -> String {
    let head = ["PLUGIN", "DIGEST", "SIZE", "SOURCE", "BY", "ADMITTED"];
    let row = |component: &ComponentStatus| {
        [
            format!("{}@{}", component.name, component.version),
            text::short(&component.digest),
            text::bytes(component.size),
            component.source.clone(),
            component.by.clone(),
            text::moment(component.at),
        ]
    };
    text::table(head, components.iter().map(row))
}

fn describe(component: &ComponentStatus) -> String {
    let facts = serde_json::to_string_pretty(&component.facts).unwrap_or_default();
    let facts = facts.lines().map(text::plain).collect::<Vec<_>>();
    let head = [
        format!("plugin    {}@{}", component.name, component.version),
        format!("digest    {}", component.digest),
        format!("size      {}", text::bytes(component.size)),
        format!("source    {}", component.source),
        format!(
            "admitted  {} by {}",
            text::moment(component.at),
            component.by
        ),
    ];
    let head = head.map(|line| text::plain(&line)).join("\n");
    format!("{head}\n\n{}", facts.join("\n"))
}
