//! The packed form of parameters and rows, as `wit/sql.wit` lays it down. What comes in is checked
//! before it is believed: no count makes anyone reserve more than the bytes at hand can hold.

mod read;
mod write;

pub(crate) use read::Input;
pub use read::{Elements, Named, Raw};
pub use write::{Positional, named, rows};

/// How deep arrays and tuples nest, by `wit/sql.wit`.
pub const DEPTH_MAX: usize = 8;

/// The bytes that say what a value is.
pub(crate) mod tag {
    pub(crate) const NULL: u8 = 0;
    pub(crate) const BOOLEAN: u8 = 1;
    pub(crate) const INTEGER: u8 = 2;
    pub(crate) const FLOAT: u8 = 3;
    pub(crate) const TEXT: u8 = 4;
    pub(crate) const BYTES: u8 = 5;
    pub(crate) const DECIMAL: u8 = 6;
    pub(crate) const TIMESTAMP: u8 = 7;
    pub(crate) const DATE: u8 = 8;
    pub(crate) const TIME: u8 = 9;
    pub(crate) const JSON: u8 = 10;
    pub(crate) const UUID: u8 = 11;
    pub(crate) const INTERVAL: u8 = 12;
    pub(crate) const ARRAY: u8 = 13;
    pub(crate) const TUPLE: u8 = 14;
}

#[cfg(test)]
mod tests;
