//! Rules about the source itself, held like any other behaviour.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tenon_tests::artefact::root;

/// Longest file; most are a third of it.
const LINES_MAX: usize = 400;

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|_| panic!("no folder {folder:?}")) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

fn all() -> impl Iterator<Item = (PathBuf, String)> {
    [
        "host",
        "sdk/src",
        "sdk/ro-crate",
        "sdk/sql",
        "sdk/templates",
        "plugins",
        "tests/src",
        "tests/e2e",
        "tests/bench",
        "tests/fakes",
        "tests/guests",
    ]
    .into_iter()
    .flat_map(sources)
}

/// The module of the host a file belongs to: `host/src/plugin/engine.rs` is
/// of `plugin`.
fn module(path: &Path) -> Option<String> {
    let inner = path.strip_prefix("host/src").ok()?;
    let first = inner.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

/// Modules that a file names as `crate::<module>`.
fn named(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut names = BTreeSet::new();
    for line in code {
        for part in line.split("crate::").skip(1) {
            let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            names.insert(part[..end.unwrap_or(part.len())].to_owned());
        }
    }
    names
}

/// What each module may name. Modules left out compose the others.
const ARROWS: [(&str, &[&str]); 15] = [
    ("bindings", &["capability"]),
    ("cause", &[]),
    ("digest", &[]),
    ("label", &[]),
    ("limits", &[]),
    ("telemetry", &["telemetry"]),
    ("persistence", &["digest", "persistence"]),
    ("registry", &["cause", "digest", "registry"]),
    ("capability", &["bindings", "capability", "limits"]),
    (
        "plugin",
        &[
            "bindings",
            "capability",
            "digest",
            "label",
            "limits",
            "plugin",
        ],
    ),
    (
        "dispatch",
        &[
            "bindings",
            "capability",
            "digest",
            "dispatch",
            "label",
            "limits",
            "plugin",
            "telemetry",
        ],
    ),
    (
        "catalog",
        &[
            "capability",
            "catalog",
            "digest",
            "dispatch",
            "limits",
            "persistence",
            "plugin",
            "registry",
            "telemetry",
        ],
    ),
    (
        "frontend",
        &[
            "cause",
            "digest",
            "dispatch",
            "frontend",
            "limits",
            "persistence",
            "telemetry",
        ],
    ),
    (
        "admin",
        &[
            "admin",
            "catalog",
            "digest",
            "dispatch",
            "persistence",
            "telemetry",
        ],
    ),
    (
        "author",
        &[
            "author",
            "capability",
            "config",
            "digest",
            "dispatch",
            "limits",
            "plugin",
            "telemetry",
        ],
    ),
];

#[test]
fn arrows() {
    let mut wrong = Vec::new();
    for (path, text) in sources("host/src") {
        let Some((module, allowed)) =
            module(&path).and_then(|module| ARROWS.into_iter().find(|(name, _)| *name == module))
        else {
            continue;
        };
        for name in named(&text) {
            if name != module && !name.is_empty() && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: names {name}", path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that point the wrong way:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn dispatch_knows_no_transport() {
    for (path, text) in sources("host/src/dispatch") {
        for transport in ["axum", "hyper", "reqwest", "http::", "wasmtime::"] {
            assert!(
                !text.contains(transport),
                "{} names {transport}",
                path.display()
            );
        }
    }
}

#[test]
fn frontends_know_no_component() {
    for (path, text) in sources("host/src/frontend") {
        assert!(!text.contains("wasmtime"), "{}", path.display());
    }
}

#[test]
fn files_stay_short() {
    let long = all().filter(|(_, text)| text.lines().count() > LINES_MAX);
    let long: Vec<_> = long.map(|(path, _)| path).collect();
    assert!(long.is_empty(), "over {LINES_MAX} lines: {long:?}");
}

#[test]
fn forty_lines_make_a_read_only_store() {
    let template = fs::read_to_string(root().join("plugins/template/src/lib.rs")).unwrap();
    assert!(template.contains("impl ReadOnly for"));
    assert!(template.lines().count() <= 40);
}

#[test]
fn every_module_says_why_it_exists() {
    let silent = all().filter(|(path, text)| {
        let tests = path.ends_with("tests.rs");
        !tests && !text.starts_with("//!") && !text.starts_with("#![doc")
    });
    let silent: Vec<_> = silent.map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "without a `//!`: {silent:?}");
}

#[test]
fn anyhow_stays_at_the_edges() {
    for (path, text) in sources("host/src") {
        let edge = matches!(
            module(&path).as_deref(),
            Some("main" | "server" | "command")
        );
        assert!(edge || !text.contains("anyhow"), "{}", path.display());
    }
}

#[test]
fn host_names_no_plugin() {
    let plugins = fs::read_dir(root().join("plugins")).unwrap();
    let plugins: Vec<_> = plugins
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    // The names that are no words of the host's own.
    let names = ["owncloud", "zenodo", "osf"];
    assert!(
        names
            .iter()
            .all(|name| plugins.iter().any(|plugin| plugin == name))
    );
    for (path, text) in sources("host/src") {
        let is_test = path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
        if is_test {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let named = names.iter().any(|name| line.contains(name));
            assert!(!named, "{}: {line}", path.display());
        }
    }
}

#[test]
fn the_readme_names_the_test_command_that_ci_runs() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(readme.contains("`make test`"));
    assert!(
        ci.lines()
            .any(|line| line.trim_end().ends_with("make test"))
    );
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows: Vec<_> = text
        .lines()
        .filter(|line| {
            line.starts_with("| ") && line[2..].starts_with(|c: char| c.is_ascii_digit())
        })
        .collect();
    assert!(rows.len() >= 9, "the table of invariants is gone");
    for row in rows {
        let test = row.rsplit('|').nth(1).unwrap();
        let names: Vec<_> = test.split('`').skip(1).step_by(2).collect();
        let (file, tests) = names.split_first().expect("an invariant without a test");
        let source = fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("no {file}"));
        assert!(!tests.is_empty(), "{row}");
        for test in tests {
            assert!(
                source.contains(&format!("fn {test}")),
                "{file} has no test {test}"
            );
        }
    }
}
