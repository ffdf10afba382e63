//! How a component was linked: the memory its main module begins with, and the
//! stack in it. Both come from `.cargo/config.toml`, which an exported RUSTFLAGS
//! silently replaces; so what came out is compared with what was asked for.

use std::path::Path;

use toml::Table;
use wasmparser::{BinaryReaderError, Operator, Parser, Payload};

use super::embedded;

const PAGE_BYTES: u64 = 64 << 10;
const CONFIG: &str = ".cargo/config.toml";
const TARGET: &str = "wasm32-wasip2";

/// Bytes of a module's memory at its start, and of the stack at its bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Linkage {
    pub(super) memory_bytes: Option<u64>,
    pub(super) stack_bytes: Option<u64>,
}

impl Linkage {
    /// Reads the first module that has a memory.
    pub(super) fn of(component: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::MemorySection(section) => {
                    let memory = section.into_iter().next().transpose()?;
                    found.memory_bytes = memory.map(|memory| memory.initial * PAGE_BYTES);
                }
                // The linker's first global is the stack pointer. The stack lies below
                // everything else, so where it begins is how large it is.
                Payload::GlobalSection(section) if found.memory_bytes.is_some() => {
                    let global = section.into_iter().next().transpose()?;
                    let begin = global.map(|global| global.init_expr.get_operators_reader().read());
                    if let Some(Operator::I32Const { value }) = begin.transpose()? {
                        found.stack_bytes = u64::try_from(value).ok();
                    }
                    return Ok(found);
                }
                Payload::End(_) if found.memory_bytes.is_some() => return Ok(found),
                _ => {}
            }
        }
        Ok(found)
    }

    /// What the project's own flags ask for, or this program's where it has none.
    pub(super) fn demanded(project: &Path) -> Self {
        let own = project.ancestors().find_map(|folder| {
            let text = std::fs::read_to_string(folder.join(CONFIG)).ok()?;
            let demanded = Self::in_config(&text);
            (demanded != Self::default()).then_some(demanded)
        });
        own.unwrap_or_else(|| Self::in_config(embedded::LINKING))
    }

    fn in_config(text: &str) -> Self {
        let table = text.parse::<Table>().unwrap_or_default();
        let flags = table
            .get("target")
            .and_then(|targets| targets.get(TARGET)?.get("rustflags")?.as_array());
        let flag = |name: &str| {
            let texts = flags?.iter().filter_map(|flag| flag.as_str());
            let value = |text: &str| text.split_once(name)?.1.parse().ok();
            texts.filter_map(value).next()
        };
        Self {
            memory_bytes: flag("--initial-memory="),
            stack_bytes: flag("stack-size="),
        }
    }

    /// Whether all that is demanded came out. A program may need more memory
    /// for its data than was asked for; then the linker refuses by itself.
    pub(super) fn satisfies(&self, demanded: &Self) -> bool {
        let equal = |own: Option<u64>, wanted: Option<u64>| wanted.is_none() || own == wanted;
        equal(self.memory_bytes, demanded.memory_bytes)
            && equal(self.stack_bytes, demanded.stack_bytes)
    }
}

impl std::fmt::Display for Linkage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |bytes: Option<u64>, of: &str| match bytes {
            Some(bytes) => format!("{bytes} bytes of {of}"),
            None => format!("no {of}"),
        };
        let memory = part(self.memory_bytes, "memory");
        let stack = part(self.stack_bytes, "stack");
        write!(f, "{memory} and {stack}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "(component (core module
        (memory 4)
        (global $stack (mut i32) (i32.const 131072))))";

    #[test]
    fn a_module_is_held_to_the_flags() {
        let linkage = Linkage::of(&wat::parse_str(MODULE).unwrap()).unwrap();
        let demanded = Linkage::in_config(embedded::LINKING);
        assert_eq!(demanded.memory_bytes, Some(262_144));
        assert_eq!(linkage, demanded);
        assert!(linkage.satisfies(&demanded));
        let grown = MODULE.replace("memory 4", "memory 17");
        let grown = Linkage::of(&wat::parse_str(grown).unwrap()).unwrap();
        assert!(!grown.satisfies(&demanded));
        assert_eq!(
            grown.to_string(),
            "1114112 bytes of memory and 131072 bytes of stack"
        );
    }
}
