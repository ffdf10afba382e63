//! Builds a project into a component, and looks at what came out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use toml::Table;

use super::embedded;
use super::linkage::Linkage;
use super::manifest::PROFILE;

const TARGET: &str = "wasm32-wasip2";
/// Packages of plugins are called this and the plugin's name.
const PREFIX: &str = "plugin-";
/// How a project that is not Cargo's is built: it leaves `<plugin>.wasm` beside
/// its `connector.toml`.
const SCRIPT: &str = "build.sh";
/// Flags from the environment would replace those of `.cargo/config.toml`.
const OVERRIDES: [&str; 5] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
];

/// A component that was built.
#[derive(Debug, serde::Serialize)]
pub struct Built {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub size_bytes: u64,
    /// Linear memory of its first module with one.
    pub memory_bytes: Option<u64>,
    /// The stack in it, where the linker's flags say.
    pub stack_bytes: Option<u64>,
}

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder is no project.
    #[error(
        "{}: neither a Cargo.toml nor a {SCRIPT}; run this in a project that `tenon plugin new` made, or name it with --dir",
        .0.display()
    )]
    NoProject(PathBuf),
    /// The package does not make a component.
    #[error("{}: no package of it has `crate-type = [\"cdylib\"]` in its [lib]", .0.display())]
    NoComponent(PathBuf),
    /// A program ended badly; it said why itself.
    #[error("{0} failed ({1})")]
    Failed(&'static str, std::process::ExitStatus),
    /// What a program printed cannot be read.
    #[error("cannot read what {0} printed: {1}")]
    Unreadable(&'static str, String),
    /// A program or file cannot be had.
    #[error("{0}: {1}")]
    Io(String, io::Error),
    /// The linker was not given the project's flags.
    #[error(
        "{}: begins with {found}, but .cargo/config.toml demands {demanded}; unset RUSTFLAGS, and see that no other Cargo configuration sets `rustflags`",
        path.display()
    )]
    Linkage {
        /// The component.
        path: PathBuf,
        /// What it has.
        found: String,
        /// What it should have.
        demanded: String,
    },
    /// The result is no component.
    #[error("{}: {source}", path.display())]
    Malformed {
        /// What was built.
        path: PathBuf,
        /// What is wrong with it.
        source: wasmparser::BinaryReaderError,
    },
}

/// Builds the project in a folder. Progress goes to standard error. With
/// `stripped`, the file keeps no function names: smaller, and a trap in it
/// cannot say where.
///
/// # Errors
///
/// [`BuildError`].
pub fn build(directory: &Path, stripped: bool) -> Result<Built, BuildError> {
    let directory = fs::canonicalize(directory).map_err(io_error(directory))?;
    let path = if directory.join("Cargo.toml").exists() {
        build_rust(&directory, stripped)?
    } else if directory.join(SCRIPT).exists() {
        build_by_script(&directory)?
    } else {
        return Err(BuildError::NoProject(directory));
    };
    let bytes = fs::read(&path).map_err(io_error(&path))?;
    let linkage = Linkage::of(&bytes).map_err(|source| BuildError::Malformed {
        path: path.clone(),
        source,
    })?;
    Ok(Built {
        path,
        size_bytes: bytes.len() as u64,
        memory_bytes: linkage.memory_bytes,
        stack_bytes: linkage.stack_bytes,
    })
}

fn build_by_script(directory: &Path) -> Result<PathBuf, BuildError> {
    let mut script = Command::new("bash");
    run(SCRIPT, script.arg(SCRIPT).current_dir(directory))?;
    let file = directory.join("connector.toml");
    let text = fs::read_to_string(&file).map_err(io_error(&file))?;
    let table = text.parse::<Table>().unwrap_or_default();
    let plugin = table.get("plugin").and_then(|plugin| plugin.as_str());
    let unnamed = || BuildError::Unreadable("connector.toml", "no `plugin` in it".to_owned());
    Ok(directory.join(format!("{}.wasm", plugin.ok_or_else(unnamed)?)))
}

fn build_rust(directory: &Path, stripped: bool) -> Result<PathBuf, BuildError> {
    let metadata = metadata(directory)?;
    let manifest = directory.join("Cargo.toml");
    let component = metadata.packages.into_iter().find_map(|package| {
        let library = package.targets.into_iter().find(Library::is_component)?;
        (package.manifest_path == manifest).then_some((package.name, library.name))
    });
    let (package, library) = component.ok_or(BuildError::NoComponent(manifest))?;
    let compiler = compiler()?;
    // Another compiler works here than on native code; in one folder they would
    // rebuild each other's output for ever.
    let target = metadata.target_directory.join("wasm");
    let mut cargo = cargo();
    cargo
        .args(["build", "--profile", PROFILE, "--target", TARGET])
        .args(["--package", &package, "--target-dir"])
        .arg(&target)
        .env("RUSTC", compiler)
        .current_dir(directory);
    if stripped {
        let strip = format!("profile.{PROFILE}.strip=\"symbols\"");
        cargo.args(["--config", &strip]);
    }
    run("cargo build", &mut cargo)?;
    let built = format!("{}.wasm", library.replace('-', "_"));
    let built = target.join(TARGET).join(PROFILE).join(built);
    check_linkage(&built, directory)?;
    let name = package.strip_prefix(PREFIX).unwrap_or(&package);
    let path = directory.join(format!("{name}.wasm"));
    place(&built, &path).map_err(io_error(&path))?;
    Ok(path)
}

fn check_linkage(built: &Path, directory: &Path) -> Result<(), BuildError> {
    let bytes = fs::read(built).map_err(io_error(built))?;
    let found = Linkage::of(&bytes).map_err(|source| BuildError::Malformed {
        path: built.to_owned(),
        source,
    })?;
    let demanded = Linkage::demanded(directory);
    if found.satisfies(&demanded) {
        return Ok(());
    }
    Err(BuildError::Linkage {
        path: built.to_owned(),
        found: found.to_string(),
        demanded: demanded.to_string(),
    })
}

/// In one step: a host may be watching.
fn place(built: &Path, path: &Path) -> io::Result<()> {
    let new = path.with_extension("wasm.new");
    fs::copy(built, &new)?;
    fs::rename(&new, path)
}

/// Finds or makes a compiler for the target, by the SDK's script.
fn compiler() -> Result<PathBuf, BuildError> {
    let folder = tempfile::tempdir().map_err(io_error(&std::env::temp_dir()))?;
    for (name, text) in embedded::TOOLCHAIN {
        let path = folder.path().join(name);
        fs::write(&path, text).map_err(io_error(&path))?;
    }
    let [(script, _), _] = embedded::TOOLCHAIN;
    let output = run(script, Command::new("bash").arg(folder.path().join(script)))?;
    Ok(PathBuf::from(output.trim_end()))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Library>,
}

#[derive(Deserialize)]
struct Library {
    name: String,
    crate_types: Vec<String>,
}

impl Library {
    fn is_component(&self) -> bool {
        self.crate_types.iter().any(|kind| kind == "cdylib")
    }
}

fn metadata(directory: &Path) -> Result<Metadata, BuildError> {
    const NAME: &str = "cargo metadata";
    let mut cargo = cargo();
    cargo
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(directory);
    let output = run(NAME, &mut cargo)?;
    serde_json::from_str(&output).map_err(|error| BuildError::Unreadable(NAME, error.to_string()))
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for name in OVERRIDES {
        cargo.env_remove(name);
    }
    cargo
}

/// Runs a program to its end and returns what it printed; what it says on
/// standard error is for the person at the terminal.
fn run(name: &'static str, command: &mut Command) -> Result<String, BuildError> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = output
        .output()
        .map_err(|error| BuildError::Io(name.to_owned(), error))?;
    if !output.status.success() {
        return Err(BuildError::Failed(name, output.status));
    }
    String::from_utf8(output.stdout)
        .map_err(|error| BuildError::Unreadable(name, error.to_string()))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.display().to_string();
    move |error| BuildError::Io(path, error)
}
