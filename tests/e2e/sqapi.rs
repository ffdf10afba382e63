//! sqAPI, with real servers where it has any.

mod faults;
mod poison;
mod processors;
mod resources;
mod rest;
mod states;
mod storage;
