//! What a person sees who has just started the host.

use std::io::Write as _;

use crate::config::{Config, Frontend};

/// The connector of the shipped configuration, and a file it serves.
const EXAMPLE: (&str, &str) = ("port-disk", "/welcome.txt");

/// Prints where the host answers, and what to try. Goes to standard output,
/// where no log line stands in between.
pub(super) fn announce(config: &Config) {
    // Nobody may be reading.
    _ = std::io::stdout().write_all(text(config).as_bytes());
}

fn text(config: &Config) -> String {
    let (rds, admin) = (config.host.rds, config.host.admin);
    let mut text = format!(
        "\ntenon {} serves {} connectors on http://{rds}, health and metrics on http://{admin}\n",
        env!("CARGO_PKG_VERSION"),
        config.connectors.len(),
    );
    for connector in &config.connectors {
        let Frontend::Rds(rds) = &connector.frontend;
        let hosts = rds.hosts.join(", ");
        text += &format!("  /connectors/{}  Host: {hosts}\n", connector.id);
    }
    let (example, path) = EXAMPLE;
    let has_example = config
        .connectors
        .iter()
        .any(|connector| connector.id.to_string() == example);
    if has_example {
        let curl = |what: &str, path: &str| {
            format!(
                "  curl -s -X GET http://{rds}/connectors/{example}/storage/{what} \
                 -H 'content-type: application/json' -d '{{\"filepath\":\"{path}\",\"userId\":\"demo\"}}'\n"
            )
        };
        text += "\nTry, in another terminal:\n";
        text += &curl("folder", "/");
        text += &curl("file", path);
    }
    text + "\n"
}
