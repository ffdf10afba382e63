//! sqAPI, with real servers where it has any.

mod faults;
mod rest;
mod states;
