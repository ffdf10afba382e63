//! The figures by name, for tools to read.

use std::collections::BTreeMap;

use tenon_tests::artefact;

/// One object of name → number.
#[derive(Debug, Default)]
pub struct Summary(BTreeMap<&'static str, f64>);

impl Summary {
    /// Adds a figure.
    pub fn add(&mut self, name: &'static str, value: f64) {
        self.0.insert(name, (value * 1000.0).round() / 1000.0);
    }

    /// Writes `target/bench/summary.json`.
    pub fn write(&self) -> anyhow::Result<()> {
        let folder = artefact::root().join("target/bench");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("summary.json");
        std::fs::write(&path, serde_json::to_string_pretty(&self.0)?)?;
        println!("\nsummary: {}", path.display());
        Ok(())
    }
}
