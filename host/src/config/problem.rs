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
pub(super) struct Report(RefCell<Vec<Problem>>);

impl Report {
    pub(super) fn add(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// The result, unless anything was wrong.
    pub(super) fn conclude<T>(self, checked: Option<T>) -> Result<T, Problems> {
        let mut problems = self.0.into_inner();
        match checked {
            Some(checked) if problems.is_empty() => Ok(checked),
            _ => {
                problems.sort();
                Err(Problems(problems))
            }
        }
    }
}
