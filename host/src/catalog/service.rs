//! PLACEHOLDER, to be dropped at the merge: the catalog itself takes its place.
#![allow(missing_docs, clippy::unused_async, reason = "a placeholder")]

use bytes::Bytes;

use super::{
    Actor, Change, ComponentStatus, ConnectorStatus, EventStatus, Options, PastStatus, Refusal,
    Wanted,
};
use crate::digest::Digest;
use crate::dispatch::{ConnectorId, canary};
use crate::persistence::{Filter, Pruned};

#[derive(Debug, Default)]
pub struct Catalog {}

type Result<T> = std::result::Result<T, Refusal>;

fn missing<T>(id: &ConnectorId) -> Result<T> {
    Err(Refusal::NoConnector(id.clone()))
}

impl Catalog {
    pub async fn upload(&self, bytes: Bytes, _by: &Actor) -> Result<ComponentStatus> {
        Err(Refusal::NotAdmitted {
            code: "not-a-component",
            message: format!("{} bytes that are no component", bytes.len()),
        })
    }
    pub async fn fetch(&self, reference: &str, _by: &Actor) -> Result<ComponentStatus> {
        Err(Refusal::NotFetched {
            code: "unreachable",
            message: reference.to_owned(),
        })
    }
    pub async fn activate(
        &self,
        id: &ConnectorId,
        _wanted: &Wanted,
        _options: Options,
        _by: &Actor,
    ) -> Result<Change> {
        missing(id)
    }
    pub async fn rollback(
        &self,
        id: &ConnectorId,
        _to: Option<&Digest>,
        _by: &Actor,
    ) -> Result<Change> {
        missing(id)
    }
    pub async fn approve(&self, id: &ConnectorId, _by: &Actor) -> Result<Change> {
        missing(id)
    }
    pub async fn reject(&self, id: &ConnectorId, _by: &Actor) -> Result<Change> {
        missing(id)
    }
    pub async fn start_canary(
        &self,
        id: &ConnectorId,
        _wanted: &Wanted,
        _rules: canary::Rules,
        _by: &Actor,
    ) -> Result<Change> {
        missing(id)
    }
    pub async fn end_canary(
        &self,
        id: &ConnectorId,
        _promote: bool,
        _by: &Actor,
    ) -> Result<Change> {
        missing(id)
    }
    pub async fn connectors(&self) -> Result<Vec<ConnectorStatus>> {
        Ok(Vec::new())
    }
    pub async fn connector(&self, id: &ConnectorId) -> Result<ConnectorStatus> {
        missing(id)
    }
    pub async fn history(&self, id: &ConnectorId) -> Result<Vec<PastStatus>> {
        missing(id)
    }
    pub async fn components(&self) -> Result<Vec<ComponentStatus>> {
        Ok(Vec::new())
    }
    pub async fn component(&self, digest: &Digest) -> Result<ComponentStatus> {
        Err(Refusal::NoComponent(digest.to_string()))
    }
    pub async fn events(&self, _filter: &Filter) -> Result<Vec<EventStatus>> {
        Ok(Vec::new())
    }
    pub async fn prune(&self, _by: &Actor) -> Result<Pruned> {
        Ok(Pruned::default())
    }
}
