//! sqAPI, with real servers where it has any.

mod faults;
mod psycopg2;
mod rest;
mod states;
