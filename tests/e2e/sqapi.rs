//! sqAPI, with real servers where it has any.

mod failures;
mod faults;
mod imported;
mod psycopg2;
mod rabbitmq;
mod rest;
mod states;
