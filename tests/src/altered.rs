//! Components that no toolchain makes: a shipped one with a misdeed put into
//! its code, and ones that are all labour for a compiler.

use std::fmt::Write as _;
use std::fs;

use wasmparser::{ExternalKind, Parser, Payload};

use crate::artefact;

const DESCRIBE: &str = "tenon:connector/lifecycle@0.1.0#describe";
/// Enough exports for a component to be sent to the compiler.
pub const EXPORTS: &str = r#"(instance $none)
    (export "tenon:connector/lifecycle@0.1.0" (instance $none))
    (export "tenon:connector/file-store@0.1.0" (instance $none))"#;

/// The plugin that authors start from.
///
/// # Panics
///
/// When it has not been built.
pub fn template() -> Vec<u8> {
    fs::read(artefact::plugin("template")).expect("a plugin")
}

/// The same component under another digest.
///
/// # Panics
///
/// When the mark is long.
pub fn marked(component: &[u8], mark: &str) -> Vec<u8> {
    const NAME: &[u8] = b"\x04mark";
    let content = [NAME, mark.as_bytes()].concat();
    let length = u8::try_from(content.len()).expect("a short mark");
    assert!(length < 0x80, "a short mark");
    [component, &[0, length], &content].concat()
}

/// The template with a text among its data replaced by one as long.
///
/// # Panics
///
/// When it is not there, or of another length.
pub fn with_text(text: &str, other: &str) -> Vec<u8> {
    assert_eq!(text.len(), other.len());
    let mut component = template();
    let found = component
        .windows(text.len())
        .position(|window| window == text.as_bytes())
        .expect("the text");
    component[found..found + text.len()].copy_from_slice(other.as_bytes());
    component
}

/// A component with a name of the same length in every place of another.
///
/// # Panics
///
/// When it is nowhere, or of another length.
pub fn renamed(mut component: Vec<u8>, name: &str, other: &str) -> Vec<u8> {
    assert_eq!(name.len(), other.len());
    let mut found = 0;
    let mut at = 0;
    while let Some(place) = component.get_mut(at..at + name.len()) {
        if place == name.as_bytes() {
            place.copy_from_slice(other.as_bytes());
            found += 1;
        }
        at += 1;
    }
    assert!(found > 0, "`{name}` is nowhere");
    component
}

/// The template with other instructions in `describe`, in binary form.
///
/// # Panics
///
/// When they are longer than what is there.
pub fn with_describe(instructions: &[u8]) -> Vec<u8> {
    const UNREACHABLE: u8 = 0x00;
    const NOP: u8 = 0x01;
    const END: u8 = 0x0b;
    let mut component = template();
    let body = describe(&component);
    let mut code = vec![0];
    code.extend(instructions);
    let padding = body.len().checked_sub(code.len() + 2);
    let padding = padding.expect("room for the instructions");
    code.extend(vec![NOP; padding]);
    code.extend([UNREACHABLE, END]);
    component[body].copy_from_slice(&code);
    component
}

/// Where the body of `describe` is, in the first module that exports it.
fn describe(component: &[u8]) -> std::ops::Range<usize> {
    let (mut imported, mut exported, mut body) = (0, None, 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("a component") {
            Payload::ModuleSection { .. } => (imported, body) = (0, 0),
            Payload::ImportSection(section) => {
                let imports = section
                    .into_imports()
                    .map(|import| import.expect("an import"));
                let function = |ty| matches!(ty, wasmparser::TypeRef::Func(_));
                imported = imports.filter(|import| function(import.ty)).count();
            }
            Payload::ExportSection(section) => {
                let exports = section.into_iter().map(|export| export.expect("an export"));
                let mut functions = exports.filter(|export| export.kind == ExternalKind::Func);
                exported = functions
                    .find(|export| export.name == DESCRIBE)
                    .map(|export| export.index as usize);
            }
            Payload::CodeSectionEntry(code) => {
                if exported == Some(imported + body) {
                    return code.range();
                }
                body += 1;
            }
            _ => {}
        }
    }
    panic!("no {DESCRIBE}");
}

/// A component that keeps a compiler busy: every function is as large as it
/// is meaningless. It could not be linked.
///
/// # Panics
///
/// Never: the text is right.
pub fn laborious(functions: usize) -> Vec<u8> {
    let mut body = String::from("local.get 0");
    for number in 0..2_000 {
        _ = write!(
            body,
            " i64.const {number} i64.mul local.get 0 i64.rotl local.tee 0 i32.wrap_i64 \
             if (result i64) local.get 0 else i64.const {number} end"
        );
    }
    let mut module = String::new();
    for _ in 0..functions {
        _ = writeln!(module, "(func (param i64) (result i64) {body})");
    }
    component(&format!("(core module {module})"))
}

/// A component that takes much memory to compile, a few hundred bytes for each
/// multiplication of its one function, and could not be linked.
///
/// # Panics
///
/// Never: the text is right.
pub fn voluminous(multiplications: usize) -> Vec<u8> {
    let body = " local.get 0 i64.mul".repeat(multiplications);
    component(&format!(
        "(core module (func (param i64) (result i64) local.get 0 {body}))"
    ))
}

fn component(body: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {body} {EXPORTS})")).expect("a component")
}
