//! What each fake refuses, and what it does when it is told to fail: raw
//! requests, one test a rule.

mod osf;
mod raw;
mod rds;
mod zenodo;
