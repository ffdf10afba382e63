//! Zenodo as a repository, over its deposit API with the caller's token.
//!
//! A project is a deposit and its id the deposit's number. Metadata comes as an RO-Crate, commonly,
//! and is given back as schema.org terms; where the caller wants the deposit as Zenodo has it, in a
//! list and of a new one, it is in Zenodo's own terms.

mod client;
mod deposit;
mod files;
mod form;
mod mapping;
mod names;
mod projects;
mod publish;
mod refusal;
#[cfg(test)]
mod tests;
mod upload;

use client::Client;
use deposit::Id;
use mapping::{Depositor, Mapping, Target, to_json_ld, to_zenodo};
use serde_json::Value;
use tenon_sdk::{
    Path, Result, call, config, export,
    lifecycle::{Description, Plugin},
    repository::{DepositedFile, Page, PageRequest, Project, Reader, Repository, Sink},
};
use time::OffsetDateTime;

/// Where deposits go that nobody may have meant to make.
const SANDBOX: &str = "https://sandbox.zenodo.org";

/// A Zenodo installation.
#[derive(Debug)]
pub struct Zenodo {
    client: Client,
    mapping: Mapping,
}

export!(Zenodo: repository);

impl Plugin for Zenodo {
    fn new() -> Result<Self> {
        let base_url = config::get("base_url");
        Ok(Self {
            client: Client::new(base_url.as_deref().unwrap_or(SANDBOX))?,
            mapping: config::parse("mapping")?.unwrap_or_default(),
        })
    }

    fn describe() -> Description {
        Description::new("zenodo", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["http", "scratch"])
    }

    /// There is no caller yet, so that anything but a failing server is a good sign.
    fn check(&self) -> Result<()> {
        self.client.reach()
    }
}

impl Zenodo {
    fn metadata(&self, document: Option<&str>, target: Target) -> Result<Value> {
        let call = call::current();
        let depositor = Depositor {
            user: call.user.as_deref(),
            today: OffsetDateTime::now_utc().date(),
        };
        to_zenodo(document, self.mapping, target, &depositor)
    }
}

impl Repository for Zenodo {
    fn list_projects(&self, request: PageRequest<'_>) -> Result<Page<Project>> {
        projects::list(&self.client, request)
    }

    fn get_project(&self, id: &str) -> Result<String> {
        let deposit = self.client.deposit(&Id::new(id)?)?;
        Ok(json_ld(&deposit.metadata()))
    }

    fn create_project(&self, metadata: Option<&str>) -> Result<Project> {
        let metadata = metadata
            .map(|document| self.metadata(Some(document), Target::Create))
            .transpose()?;
        // Null stands for nothing to say.
        projects::create(
            &self.client,
            metadata.filter(|metadata| !metadata.is_null()),
        )
    }

    /// Without metadata the deposit keeps what it has: defaults would take the place of what was
    /// said of it. The original sends null then, and so does the mapping that is compatible with it.
    fn update_project(&self, id: &str, metadata: Option<&str>) -> Result<String> {
        let nothing = metadata.is_none_or(|text| text.trim() == "null");
        if nothing && self.mapping == Mapping::Correct {
            return self.get_project(id);
        }
        let id = Id::new(id)?;
        let metadata = self.metadata(metadata, Target::Update)?;
        projects::update(&self.client, &id, &metadata).map(|metadata| json_ld(&metadata))
    }

    fn publish_project(&self, id: &str) -> Result<String> {
        publish::publish(&self.client, &Id::new(id)?)
    }

    fn delete_project(&self, id: &str) -> Result<()> {
        projects::delete(&self.client, &Id::new(id)?)
    }

    fn list_files(&self, project: &str, request: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        files::list(&self.client, &Id::new(project)?, request)
    }

    fn add_file(
        &self,
        project: &str,
        name: &Path,
        _: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<DepositedFile> {
        upload::add(&self.client, &Id::new(project)?, name, content)
    }

    fn read_file(&self, project: &str, file: &str, into: Sink<'_>) -> Result<()> {
        files::read(&self.client, &Id::new(project)?, file, into)
    }

    fn delete_file(&self, project: &str, file: &str) -> Result<()> {
        files::delete(&self.client, &Id::new(project)?, file)
    }

    fn delete_files(&self, project: &str) -> Result<()> {
        files::delete_all(&self.client, &Id::new(project)?)
    }
}

fn json_ld(metadata: &Value) -> String {
    Value::Object(to_json_ld(metadata)).to_string()
}
