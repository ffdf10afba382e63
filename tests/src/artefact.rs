//! Where what the suites run has been built.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Names a host program that was built elsewhere, such as a release.
const HOST_VARIABLE: &str = "TENON_BIN";

/// The repository's top folder.
pub fn root() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map(PathBuf::from).unwrap_or(tests)
}

/// A plugin of `plugins/`.
///
/// # Panics
///
/// When it has not been built.
pub fn plugin(name: &str) -> PathBuf {
    built("plugins", name)
}

/// A guest of `tests/guests/`.
///
/// # Panics
///
/// When it has not been built.
pub fn guest(name: &str) -> PathBuf {
    built("guests", name)
}

/// The host program, up to date with its sources. Cargo builds the programs
/// of a test's own package only, and the suites are a package of their own.
///
/// # Panics
///
/// When it does not build.
pub fn host() -> PathBuf {
    static HOST: OnceLock<PathBuf> = OnceLock::new();
    let built = || std::env::var_os(HOST_VARIABLE).map_or_else(build_host, PathBuf::from);
    HOST.get_or_init(built).clone()
}

/// A Python with `requests` over this generation of urllib3.
///
/// # Panics
///
/// When it is not there.
pub fn python(generation: &str) -> PathBuf {
    let path = root().join(format!("target/test-venv/{generation}/bin/python"));
    assert!(
        path.exists(),
        "{} is missing: run tests/setup.sh first",
        path.display()
    );
    path
}

fn build_host() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "--workspace", "--bin", "tenon"])
        .current_dir(root());
    // What cargo tells of the package under test is news to build scripts that watch it (ring's):
    // TLS and all above it would be compiled again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            build.env_remove(&name);
        }
    }
    let built = build.status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "the host does not build"
    );
    // This program is target/<profile>/deps/<test>.
    let own = std::env::current_exe().unwrap_or_default();
    let profile = own.ancestors().nth(2).map(PathBuf::from);
    profile.unwrap_or_default().join("tenon")
}

fn built(kind: &str, name: &str) -> PathBuf {
    let path = root().join(format!("target/{kind}/{name}.wasm"));
    assert!(
        path.exists(),
        "{} is missing: run `make plugins` first",
        path.display()
    );
    path
}
