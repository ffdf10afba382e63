//! What the suites and the bench share.

pub mod address;
pub mod altered;
pub mod apache;
pub mod artefact;
pub mod client;
pub mod cloud;
pub mod connector;
pub mod host;
pub mod life;
pub mod load;
pub mod native;
pub mod nats;
pub mod operator;
pub mod postgres;
pub mod rabbitmq;
pub mod redis;
pub mod registry;
pub mod setup;
pub mod sqapi;
pub mod standstill;
pub mod swapping;
pub mod swift;
pub mod tunnel;
pub mod upstream;
pub mod version;
pub mod wait;
