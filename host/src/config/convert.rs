//! An `sqapi.yml` in the native form, for operators who move over for good.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::fingerprint::Reads;
use super::problem::{Problem, Problems, Report};
use super::reading::{Environment, Reading};
use super::source::Section;
use super::sqapi::derive;

/// How problems call what was asked for.
const REQUEST: &str = "(arguments)";

/// What is to be converted.
#[derive(Debug, Clone)]
pub struct Import {
    /// sqAPI's file.
    pub yml: PathBuf,
    /// The folder of its plugins' folders.
    pub plugins: Option<PathBuf>,
    /// The folder below which files are found.
    pub data_root: Option<PathBuf>,
    /// What the pipeline is to be called.
    pub name: String,
}

/// Files of the native form.
#[derive(Debug)]
pub struct Converted {
    /// Text by path below the configuration directory.
    pub files: Vec<(String, String)>,
    /// Variables that the files refer to for secrets, which stay behind.
    pub variables: Vec<String>,
    /// What means nothing here.
    pub warnings: Vec<Problem>,
}

impl Import {
    /// Translates the file, in the environment of the process.
    ///
    /// # Errors
    ///
    /// [`Problems`]: everything that is wrong with it.
    pub fn convert(&self) -> Result<Converted, Problems> {
        self.convert_in(&|name| std::env::var(name).ok())
    }

    /// The same in another environment.
    ///
    /// # Errors
    ///
    /// As for [`Import::convert`].
    pub fn convert_in(&self, environment: Environment<'_>) -> Result<Converted, Problems> {
        let report = Report::default();
        let converted = self.read(environment, &report);
        let warnings = report.take_warnings();
        let (converted, _) = report.conclude(converted)?;
        Ok(Converted {
            warnings,
            ..converted
        })
    }

    fn read(&self, environment: Environment<'_>, report: &Report) -> Option<Converted> {
        let text = self.request();
        let reads = Reads::new(REQUEST, &text, None);
        let reading = Reading {
            directory: Path::new(""),
            environment,
            report,
            watched: &RefCell::new(BTreeSet::new()),
            reads: Some(&reads),
            offers: &RefCell::default(),
            origins: None,
            optional: false,
        };
        let mut file = Section::of_file(reading, REQUEST, &text);
        let derived = derive(&mut file, &self.name);
        file.take_all();
        let derived = derived?;
        let variables = derived.secrets.names().map(str::to_owned).collect();
        let connectors = derived.connectors.into_iter().map(|part| {
            let path = format!("connectors/{}.toml", part.name);
            (path, part.document.text)
        });
        let pipeline = (format!("sqapi/{}.toml", self.name), derived.pipeline.text);
        Some(Converted {
            files: [pipeline].into_iter().chain(connectors).collect(),
            variables,
            warnings: Vec::new(),
        })
    }

    /// What a pipeline's file would say.
    fn request(&self) -> String {
        let text = |path: &Path| toml::Value::from(path.display().to_string());
        let mut table = toml::Table::new();
        table.insert("sqapi_yml".to_owned(), text(&self.yml));
        for (key, path) in [
            ("plugins_directory", &self.plugins),
            ("data_root", &self.data_root),
        ] {
            if let Some(path) = path {
                table.insert(key.to_owned(), text(path));
            }
        }
        table.to_string()
    }
}
