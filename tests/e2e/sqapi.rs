//! sqAPI, with real servers where it has any.

mod rest;
mod states;
