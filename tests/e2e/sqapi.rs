//! sqAPI, with real servers where it has any.

mod failures;
mod faults;
mod imported;
mod poison;
mod processors;
mod psycopg2;
mod rabbitmq;
mod resources;
mod rest;
mod states;
mod storage;
