//! Where a new project starts from: `sdk/templates/<language>/<role>/`, with
//! what is the same for all roles in `<language>/shared/`. A language that
//! offers one role only may have its files in `<language>/` itself.
//!
//! In every text `{{name}}` stands for the plugin's name, `{{role}}` for its
//! role, and `{{example}}` for a first call on the command line.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::embedded;
use crate::plugin::Role;

/// Roles that a project can start with.
pub const ROLES: [Role; 3] = [Role::FileStore, Role::Repository, Role::Processor];
/// The role of a language whose template is not divided by role.
const ONLY_ROLE: Role = Role::FileStore;
const SHARED: &str = "shared";

/// A language that plugins are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// With the SDK.
    #[default]
    Rust,
    /// By componentize-js.
    #[value(name = "javascript")]
    JavaScript,
    /// By componentize-py.
    Python,
    /// By zig.
    C,
}

impl Language {
    /// Its name, which is also its folder's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::C => "c",
        }
    }

    /// Whether its projects are Cargo's, and get the Rust SDK.
    pub(super) fn is_rust(self) -> bool {
        self == Self::Rust
    }
}

/// A file of a template, its path relative to the project.
pub(super) type TemplateFile = (PathBuf, Vec<u8>);

/// The files of a new project, or none when there is no such template.
pub(super) fn files(language: Language, role: Role, name: &str) -> Option<Vec<TemplateFile>> {
    let language = language.name();
    let of = |folder: &str| {
        let prefix = Path::new("templates").join(folder);
        let files = embedded::template(folder)?.into_iter();
        let file = files.map(move |file| {
            let path = file.path().strip_prefix(&prefix).unwrap_or(file.path());
            (path.to_owned(), fill(file.contents(), role, name))
        });
        Some(file.collect::<Vec<_>>())
    };
    let divided = ROLES
        .iter()
        .any(|role| embedded::template(&format!("{language}/{role}")).is_some());
    if !divided {
        return (role == ONLY_ROLE).then(|| of(language)).flatten();
    }
    let mut files = of(&format!("{language}/{role}"))?;
    files.extend(of(&format!("{language}/{SHARED}")).unwrap_or_default());
    Some(files)
}

/// A first call, as one types it.
pub(super) fn example(role: Role, name: &str) -> String {
    match role {
        Role::Repository => format!(
            "tenon plugin run {name}.wasm repository.create-project \
             '{{\"metadata\": {{\"title\": \"Tides\"}}}}' --connector connector.toml --user ada"
        ),
        Role::Processor => format!(
            "tenon plugin run {name}.wasm processor.execute '{{\"uuid\": \"1\", \"content\": \"one\\ntwo\\n\"}}' \
             --connector connector.toml"
        ),
        _ => format!(
            "tenon plugin run {name}.wasm file-store.read '{{\"path\": \"hello.txt\"}}' \
             --connector connector.toml"
        ),
    }
}

/// Puts what is known in the place of the placeholders. What is no text has
/// none.
fn fill(contents: &[u8], role: Role, name: &str) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(contents) else {
        return contents.to_vec();
    };
    text.replace("{{name}}", name)
        .replace("{{role}}", role.name())
        .replace("{{example}}", &example(role, name))
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_template_in_rust() {
        for role in ROLES {
            let files = files(Language::Rust, role, "mine").unwrap();
            for path in ["Cargo.toml", "src/lib.rs", "connector.toml", "README.md"] {
                let found = files.iter().find(|(found, _)| found == Path::new(path));
                let text = String::from_utf8(found.unwrap().1.clone()).unwrap();
                assert!(!text.contains("{{"), "{role}: {path}");
            }
        }
    }
}
