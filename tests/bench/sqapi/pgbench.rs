//! The same statements without anything around them: `pgbench` runs the six
//! that a message takes, each its own transaction.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::native::Look;

/// As many as are at work in the pipeline, so that they share commits.
const CLIENTS: &str = "32";
const SECONDS: &str = "4";

const STATE: &str = "\
INSERT INTO messages AS known (uuid, meta_location, data_location, data_type, status)
VALUES ('u' || :n, 'u' || :n, 'a.txt', 'text/plain', 'STATUS')
ON CONFLICT (uuid) DO UPDATE SET
    meta_location = EXCLUDED.meta_location, data_location = EXCLUDED.data_location,
    data_type = EXCLUDED.data_type, status = EXCLUDED.status, info = EXCLUDED.info,
    results = COALESCE(EXCLUDED.results, known.results), updated_at = now();
";

/// Messages a second, on the database `url`.
pub fn run(url: &str) -> anyhow::Result<f64> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), script())?;
    let output = Command::new("pgbench")
        .args([
            "-n", "-M", "prepared", "-j", "1", "-c", CLIENTS, "-T", SECONDS, "-f",
        ])
        .arg(file.path())
        .arg(url)
        .output()
        .context("pgbench: tests/setup.sh installs PostgreSQL")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench: {errors}");
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rest| rest.split_whitespace().next());
    rate.with_context(|| format!("no rate in {text}"))?
        .parse()
        .context("the rate of pgbench")
}

fn script() -> String {
    let mut script = String::from("\\set n random(1, 1000000000)\n");
    script += &STATE.replace("STATUS", "QUERYING");
    script += &STATE.replace("STATUS", "PROCESSING");
    for (look, columns) in [
        (Look::Sizes, &["1", "6"][..]),
        (Look::Duplicates, &["repeat('a', 64)"]),
        (Look::Datatypes, &["'text/plain'"]),
    ] {
        let values = ["'u' || :n", "'u' || :n", "'a.txt'"];
        let values = values.iter().chain(columns).zip(1..);
        let statement = values.fold(look.statement(), |statement, (value, number)| {
            statement.replace(&format!("${number}"), value)
        });
        _ = writeln!(script, "{};", statement.trim_end());
    }
    script + &STATE.replace("STATUS", "DONE")
}
