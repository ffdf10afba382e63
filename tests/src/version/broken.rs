//! Candidates that must never run, each for a reason of its own.

use super::{Fault, places, version, with};
use crate::artefact;

/// Functions of the component that compiles for ever, and what makes each of
/// them slow: every local is looked up through every loop.
/// Ten minutes of one processor, in little memory.
const FUNCTIONS: usize = 1000;
const LOCALS: usize = 800;
const LOOPS: usize = 800;
/// The first bytes of every core module.
const MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// What the guest names of the contract.
const INTERFACES: [&str; 6] = [
    "call",
    "config",
    "file-store",
    "lifecycle",
    "transfer",
    "types",
];

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
            Self::CoreModule => numbered(MODULE.to_vec(), number),
            Self::MissingImport => renamed(
                version(number).bytes,
                "tenon:connector/config@",
                "tenon:connector/oracle@",
            ),
            Self::UnknownContract => {
                let known = version(number).bytes;
                INTERFACES.into_iter().fold(known, |bytes, interface| {
                    let name = |version| format!("tenon:connector/{interface}@{version}");
                    renamed(bytes, &name("0.1.0"), &name("7.0.0"))
                })
            }
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
fn embedding(component: Vec<u8>, module: &[u8]) -> Vec<u8> {
    const CORE_MODULE: u8 = 1;
    [component, section(CORE_MODULE, module)].concat()
}

/// A component or module with a number in a custom section.
fn numbered(bytes: Vec<u8>, number: u16) -> Vec<u8> {
    const CUSTOM: u8 = 0;
    let named = [b"\x06number".as_slice(), &number.to_le_bytes()].concat();
    [bytes, section(CUSTOM, &named)].concat()
}

/// A core module of functions that take an `i32`, loop while it is not 0, and
/// return all of their locals combined, as an `i64`.
fn slow_to_compile() -> Vec<u8> {
    const TYPES: [u8; 6] = [1, 0x60, 1, 0x7f, 1, 0x7e];
    // loop, local.get 0, br_if 0, end
    const LOOP: [u8; 7] = [0x03, 0x40, 0x20, 0x00, 0x0d, 0x00, 0x0b];
    const START: [u8; 2] = [0x42, 0x07];
    const END: u8 = 0x0b;
    // local.get, i64.xor
    let combine = |local| [vec![0x20], length(local), vec![0x85]].concat();
    let mut body = [vec![1], length(LOCALS), vec![0x7e]].concat();
    body.extend(LOOP.repeat(LOOPS));
    body.extend(START);
    body.extend((1..=LOCALS).flat_map(combine));
    body.push(END);
    let function = [length(body.len()), body].concat();
    let code = [length(FUNCTIONS), function.repeat(FUNCTIONS)].concat();
    let types = [length(FUNCTIONS), vec![0; FUNCTIONS]].concat();
    [
        MODULE.to_vec(),
        section(1, &TYPES),
        section(3, &types),
        section(10, &code),
    ]
    .concat()
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [vec![id], length(content.len()), content.to_vec()].concat()
}

/// LEB128: seven bits a byte, lowest first.
fn length(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Validator};

    use super::*;

    #[test]
    fn what_is_broken_is_broken_in_its_own_way_alone() {
        let valid = |kind: Broken| Validator::new().validate_all(&kind.bytes(1)).is_ok();
        for kind in [
            Broken::MissingImport,
            Broken::UnknownContract,
            Broken::DescribeTraps,
            Broken::DescribeSpins,
            Broken::CompilesForEver,
            Broken::GrowsGrants,
            Broken::GrowsImports,
        ] {
            assert!(valid(kind), "{kind:?}");
            assert!(Parser::is_component(&kind.bytes(1)), "{kind:?}");
        }
        assert!(!valid(Broken::BadBytes) && !valid(Broken::Truncated));
        assert!(valid(Broken::CoreModule));
        assert!(Parser::is_core_wasm(&Broken::CoreModule.bytes(1)));
    }

    #[test]
    fn a_number_makes_another_component() {
        for kind in Broken::ALL {
            assert_ne!(kind.bytes(1), kind.bytes(2), "{kind:?}");
        }
    }
}
