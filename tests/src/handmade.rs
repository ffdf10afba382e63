//! Components written by hand, one misdeed each: what no compiler makes, or
//! what would need a guest of its own.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use crate::artefact;

const WORLD: &str = "package tenon:handmade;
world store {
    include tenon:connector/plugin@0.1.0;
    include tenon:connector/file-store-role@0.1.0;
}";
/// Where the answer of `describe` lies, and its texts.
const ANSWER: usize = 64;
const TEXTS: usize = 1024;

/// A component that plays `file-store`; every operation of it traps.
#[derive(Debug, Clone)]
pub struct Handmade {
    /// What it calls itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its configuration schema.
    pub config_schema: String,
    /// What it wants.
    pub wants: Vec<String>,
    /// Instructions that `describe` begins with, in the text format.
    pub describe: String,
    /// Further fields of the module, in the text format.
    pub fields: String,
    /// Pages of memory it begins with.
    pub pages: u32,
}

impl Default for Handmade {
    fn default() -> Self {
        Self {
            name: "handmade".to_owned(),
            version: "1.0.0".to_owned(),
            config_schema: "true".to_owned(),
            wants: Vec::new(),
            describe: String::new(),
            fields: String::new(),
            pages: 2,
        }
    }
}

impl Handmade {
    /// One that keeps a compiler busy for many times a second: every function
    /// is as large as it is meaningless.
    pub fn laborious(functions: usize) -> Self {
        let mut body = String::from("local.get 0");
        for number in 0..2_000 {
            _ = write!(
                body,
                " i64.const {number} i64.mul local.get 0 i64.rotl local.tee 0 i32.wrap_i64 \
                 if (result i64) local.get 0 else i64.const {number} end"
            );
        }
        let mut fields = String::new();
        for number in 0..functions {
            _ = writeln!(
                fields,
                "(func (export \"f{number}\") (param i64) (result i64) i64.const {number} \
                 local.set 0 {body})"
            );
        }
        Self {
            fields,
            ..Self::default()
        }
    }

    /// The component's bytes.
    ///
    /// # Panics
    ///
    /// When the text is no module.
    pub fn build(&self) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_dir(artefact::root().join("wit"))
            .expect("the contract");
        let own = resolve.push_str("store.wit", WORLD).expect("a world");
        let world = resolve
            .select_world(&[own, package], Some("tenon:handmade/store"))
            .expect("the world");
        let mut module = wat::parse_str(self.text()).expect("a module");
        let utf_8 = StringEncoding::UTF8;
        wit_component::embed_component_metadata(&mut module, &resolve, world, utf_8)
            .expect("metadata");
        let encoder = ComponentEncoder::default().module(&module);
        let encoded = encoder.and_then(|mut encoder| encoder.encode());
        encoded.unwrap_or_else(|error| panic!("no component: {error:#}"))
    }

    /// The module, with the answer of `describe` in its memory.
    fn text(&self) -> String {
        let mut data = Data::default();
        let mut answer = Vec::new();
        for text in [&self.name, &self.version, &self.config_schema] {
            answer.extend(data.text(text));
        }
        let wants: Vec<_> = self.wants.iter().flat_map(|want| data.text(want)).collect();
        answer.extend([data.place(&words(&wants), 4), self.wants.len()]);
        let answer = escaped(&words(&answer));
        let texts = escaped(&data.0);
        let Self {
            describe,
            fields,
            pages,
            ..
        } = self;
        format!(
            r#"(module
            (memory (export "memory") {pages})
            (data (i32.const {ANSWER}) "{answer}")
            (data (i32.const {TEXTS}) "{texts}")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 65536)
            (func (export "tenon:connector/lifecycle@0.1.0#describe") (result i32)
                {describe} i32.const {ANSWER})
            (func (export "tenon:connector/lifecycle@0.1.0#check") (result i32) unreachable)
            (func (export "tenon:connector/file-store@0.1.0#list-folder")
                (param i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
            (func (export "tenon:connector/file-store@0.1.0#stat")
                (param i32 i32) (result i32) unreachable)
            (func (export "tenon:connector/file-store@0.1.0#read")
                (param i32 i32 i64 i32) (result i32) unreachable)
            (func (export "tenon:connector/file-store@0.1.0#write")
                (param i32 i32 i32 i64 i32) (result i32) unreachable)
            (func (export "tenon:connector/file-store@0.1.0#delete")
                (param i32 i32) (result i32) unreachable)
            {fields})"#
        )
    }
}

/// The same component under another digest.
pub fn marked(component: &[u8], mark: &str) -> Vec<u8> {
    const NAME: &[u8] = b"mark";
    let content = [&[NAME.len() as u8], NAME, mark.as_bytes()].concat();
    let length = u8::try_from(content.len()).expect("a short mark");
    assert!(length < 0x80, "a short mark");
    [component, &[0, length], &content].concat()
}

/// Texts and lists in linear memory.
#[derive(Default)]
struct Data(Vec<u8>);

impl Data {
    fn place(&mut self, bytes: &[u8], align: usize) -> usize {
        self.0.resize(self.0.len().next_multiple_of(align), 0);
        let place = TEXTS + self.0.len();
        self.0.extend(bytes);
        place
    }

    fn text(&mut self, text: &str) -> [usize; 2] {
        [self.place(text.as_bytes(), 1), text.len()]
    }
}

fn words(numbers: &[usize]) -> Vec<u8> {
    let number = |number: &usize| u32::try_from(*number).expect("32 bits").to_le_bytes();
    numbers.iter().flat_map(number).collect()
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}
