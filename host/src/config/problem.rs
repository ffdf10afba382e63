//! What is wrong with a configuration, all of it at once.

use std::cell::RefCell;
use std::fmt;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Path below the configuration directory.
    pub file: String,
    /// Line in the file, when it is about one.
    pub line: Option<usize>,
    /// Column in the line, from 1, where it is known.
    pub column: Option<usize>,
    /// The key, such as `grants.http[0].origin`; empty for the file as such.
    pub key: String,
    /// What is wrong. Never holds a secret.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Everything that is wrong with a configuration; never empty.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Problems in the order of files and lines; there must be one.
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        // What is read twice is wrong once.
        problems.dedup();
        Self(problems)
    }

    /// The problems, by file and line.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Gathers problems while a configuration is read.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: RefCell<Vec<Problem>>,
    of_plugins: RefCell<PluginProblems>,
    warnings: RefCell<Vec<Problem>>,
}

/// What is wrong with plugin files.
#[derive(Debug, Default)]
pub struct PluginProblems {
    /// Files that are missing, or do not fit what their connector says.
    pub misfits: Vec<Problem>,
    /// Files that are no plugins, whatever their connectors say.
    pub broken: Vec<Problem>,
}

impl PluginProblems {
    /// All of them.
    pub(super) fn into_all(self) -> Vec<Problem> {
        [self.misfits, self.broken].concat()
    }
}

impl Report {
    pub(super) fn add(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Notes what means nothing, and stops nobody.
    pub(super) fn warn(&self, problem: Problem) {
        self.warnings.borrow_mut().push(problem);
    }

    /// How many problems there are so far.
    pub(super) fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// What was warned of so far, by file and line.
    pub(super) fn take_warnings(&self) -> Vec<Problem> {
        let mut warnings = self.warnings.take();
        warnings.sort();
        warnings.dedup();
        warnings
    }

    pub(super) fn add_misfit(&self, problem: Problem) {
        self.of_plugins.borrow_mut().misfits.push(problem);
    }

    pub(super) fn add_broken(&self, problem: Problem) {
        self.of_plugins.borrow_mut().broken.push(problem);
    }

    /// The result, unless anything was wrong, and what is wrong with plugin
    /// files.
    pub(super) fn conclude<T>(self, checked: Option<T>) -> Result<(T, PluginProblems), Problems> {
        let mut problems = self.problems.into_inner();
        let of_plugins = self.of_plugins.into_inner();
        match checked {
            Some(checked) if problems.is_empty() => Ok((checked, of_plugins)),
            _ => {
                problems.extend(of_plugins.into_all());
                Err(Problems::new(problems))
            }
        }
    }
}
