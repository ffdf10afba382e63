//! Candidates that must never run, each for a reason of its own.

use super::{Fault, places, version, with};
use crate::artefact;

/// Functions of the component that compiles for ever, and what makes each of
/// them slow: every local is looked up through every loop.
const FUNCTIONS: usize = 64;
const LOCALS: usize = 4000;
const LOOPS: usize = 4000;

/// What is wrong with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// No WebAssembly at all.
    BadBytes,
    /// The first half of a component.
    Truncated,
    /// A core module.
    CoreModule,
    /// Imports an interface that no host has.
    MissingImport,
    /// Speaks another version of the contract.
    UnknownContract,
    /// Panics when asked what it is.
    DescribeTraps,
    /// Never says what it is.
    DescribeSpins,
    /// A compiler does not come to its end.
    CompilesForEver,
    /// Says that it wants more than the version that runs.
    GrowsGrants,
    /// Imports more than the version that runs.
    GrowsImports,
}

/// How the host answers a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Refused at admission, with this code.
    Refused(&'static str),
    /// Admitted, and held until an operator allows it.
    Pending,
}

impl Broken {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::BadBytes,
        Self::Truncated,
        Self::CoreModule,
        Self::MissingImport,
        Self::UnknownContract,
        Self::DescribeTraps,
        Self::DescribeSpins,
        Self::CompilesForEver,
        Self::GrowsGrants,
        Self::GrowsImports,
    ];

    /// What must become of it.
    pub const fn answer(self) -> Answer {
        match self {
            Self::BadBytes | Self::Truncated => Answer::Refused("not-a-component"),
            Self::CoreModule => Answer::Refused("core-module"),
            Self::MissingImport => Answer::Refused("unknown-import"),
            Self::UnknownContract => Answer::Refused("unknown-contract"),
            Self::DescribeTraps => Answer::Refused("describe-trapped"),
            Self::DescribeSpins => Answer::Refused("describe-timeout"),
            Self::CompilesForEver => Answer::Refused("compile-timeout"),
            Self::GrowsGrants | Self::GrowsImports => Answer::Pending,
        }
    }

    /// A candidate; another number makes another digest.
    ///
    /// # Panics
    ///
    /// When the guest has not been built.
    pub fn bytes(self, number: u16) -> Vec<u8> {
        match self {
            Self::BadBytes => format!("no component, number {number}").into_bytes(),
            Self::Truncated => {
                let mut bytes = version(number).bytes;
                // The version's number stands behind the middle.
                let place = places(&bytes, "TENON-VERSION:")[0];
                bytes.truncate(place + 32);
                bytes
            }
            Self::CoreModule => module(&format!("(module (func (export \"f{number}\")))")),
            Self::MissingImport => renamed(
                version(number).bytes,
                "tenon:connector/config@",
                "tenon:connector/oracle@",
            ),
            Self::UnknownContract => ["lifecycle", "file-store", "types", "transfer", "call"]
                .into_iter()
                .chain(["config"])
                .fold(version(number).bytes, |bytes, interface| {
                    let name = |version| format!("tenon:connector/{interface}@{version}");
                    renamed(bytes, &name("0.1.0"), &name("7.0.0"))
                }),
            Self::DescribeTraps => with(number, Fault::DescribeTraps).bytes,
            Self::DescribeSpins => with(number, Fault::DescribeSpins).bytes,
            Self::CompilesForEver => embedding(version(number).bytes, &slow_to_compile()),
            Self::GrowsGrants => with(number, Fault::WantsMore).bytes,
            Self::GrowsImports => {
                let disk = std::fs::read(artefact::plugin("disk")).expect("a plugin");
                numbered(disk, number)
            }
        }
    }
}

fn module(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a module")
}

/// Writes over every place where a name stands, so that the file stays valid.
fn renamed(mut bytes: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "`{new}` does not fit");
    let places = places(&bytes, old);
    assert!(!places.is_empty(), "the guest does not import `{old}`");
    for place in places {
        bytes[place..place + new.len()].copy_from_slice(new.as_bytes());
    }
    bytes
}

/// A component with one core module more, which nothing instantiates.
fn embedding(mut bytes: Vec<u8>, module: &[u8]) -> Vec<u8> {
    const CORE_MODULE: u8 = 1;
    section(&mut bytes, CORE_MODULE, module);
    bytes
}

/// A component with a number in a custom section.
fn numbered(mut bytes: Vec<u8>, number: u16) -> Vec<u8> {
    const CUSTOM: u8 = 0;
    let named = [b"\x06number".as_slice(), &number.to_le_bytes()].concat();
    section(&mut bytes, CUSTOM, &named);
    bytes
}

fn section(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    let mut length = content.len();
    loop {
        let low = (length & 0x7f) as u8;
        length >>= 7;
        bytes.push(if length == 0 { low } else { low | 0x80 });
        if length == 0 {
            break;
        }
    }
    bytes.extend_from_slice(content);
}

fn slow_to_compile() -> Vec<u8> {
    let locals = " i64".repeat(LOCALS);
    let loops = "(loop (br_if 0 (local.get 0)))".repeat(LOOPS);
    let sum: String = (1..=LOCALS)
        .map(|local| format!("(local.get {local}) i64.xor "))
        .collect();
    let function =
        format!("(func (param i32) (result i64) (local{locals}) {loops} (i64.const 7) {sum})");
    module(&format!("(module {})", function.repeat(FUNCTIONS)))
}
