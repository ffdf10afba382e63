//! The templates of other languages, built as their READMEs say.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tenon_tests::artefact;

use super::tested_as;

/// The tools that `tests/setup.sh` provides, in front of the machine's own.
fn path() -> String {
    let target = artefact::root().join("target");
    let tools = [
        "test-venv/languages/bin",
        "test-tools/node_modules/.bin",
        "test-tools/bin",
    ];
    let tools = tools.map(|tool| {
        let tool = target.join(tool);
        assert!(
            tool.exists(),
            "{} is missing: run tests/setup.sh first",
            tool.display()
        );
        tool.display().to_string()
    });
    let machine = std::env::var("PATH").unwrap_or_default();
    format!("{}:{machine}", tools.join(":"))
}

/// Makes a project of a template, as it lies in the repository.
fn project(language: &str, name: &str) -> TempDir {
    let project = tempfile::tempdir().unwrap();
    copy(
        &artefact::root().join("wit"),
        &project.path().join("wit"),
        name,
    );
    let template = artefact::root().join("sdk/templates").join(language);
    copy(&template, project.path(), name);
    project
}

/// Copies a folder, with the project's name where it belongs.
fn copy(from: &Path, to: &Path, name: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to, name);
        } else {
            // Keeps what makes a script executable.
            fs::copy(&from, &to).unwrap();
            let text = fs::read_to_string(&from).unwrap();
            fs::write(&to, text.replace("{{name}}", name)).unwrap();
        }
    }
}

/// Builds a project and runs the suite on it.
fn assert_passes(language: &str) {
    let project = project(language, "shelf");
    let built = Command::new(project.path().join("build.sh"))
        .env("PATH", path())
        // Zig compiles its C library once for all builds.
        .env(
            "ZIG_GLOBAL_CACHE_DIR",
            artefact::root().join("target/test-tools/zig"),
        )
        .output()
        .unwrap();
    assert!(built.status.success(), "{language}: {built:?}");
    let component = project.path().join("shelf.wasm");
    let connector = project.path().join("connector.toml");
    let ran = tested_as(&component, &connector, &[]);
    ran.assert_good();
    assert_eq!(ran.cases("not-offered"), ["changes-refused"], "{language}");
    assert!(ran.cases("skipped").is_empty(), "{language}");
}

#[test]
fn a_store_in_javascript_passes() {
    assert_passes("javascript");
}

#[test]
fn a_store_in_python_passes() {
    assert_passes("python");
}

#[test]
fn a_store_in_c_passes() {
    assert_passes("c");
}
