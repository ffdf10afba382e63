//! Publication takes two steps, each of which may be done although its answer is lost. So both
//! look before and after they ask, and what is half done is said.

use serde_json::json;
use tenon_sdk::{Error, Kind, Result};

use crate::{
    client::{Client, is_undecided},
    document::Identifier,
    id::Id,
    projects,
};

/// Makes a project public and gives it a DOI, unless it is and has one.
pub(crate) fn publish(client: Client<'_>, id: &Id) -> Result<String> {
    if projects::get(client, id)?.is_public() {
        if let Some(doi) = find_doi(client, id)? {
            return Ok(doi);
        }
    } else {
        make_public(client, id)?;
    }
    mint(client, id)
}

fn make_public(client: Client<'_>, id: &Id) -> Result<()> {
    let error = match projects::patch(client, id, &json!({"public": true})) {
        Ok(node) if node.is_public() => return Ok(()),
        Ok(_) => {
            let message = "the system left the project private";
            return Err(Error::unavailable(message).about(id.as_str()));
        }
        Err(error) => error,
    };
    if !is_undecided(&error) {
        return Err(error);
    }
    match projects::get(client, id) {
        Ok(node) if node.is_public() => Ok(()),
        Ok(_) => Err(error),
        Err(_) => {
            let state = "the project may be public nevertheless";
            Err(error.noting(state).about(id.as_str()))
        }
    }
}

fn mint(client: Client<'_>, id: &Id) -> Result<String> {
    let document = json!({"data": {"type": "identifiers", "attributes": {"category": "doi"}}});
    let path = format!("nodes/{id}/identifiers/");
    let minted = client.send_document::<Identifier>("POST", &path, &document, id.as_str());
    let error = match minted {
        Ok(identifier) => return Ok(identifier.attributes.value),
        Err(error) => error,
    };
    let half_done = |state| error.clone().noting(state).about(id.as_str());
    // A second DOI is refused as invalid: somebody else, or a lost request, was faster.
    if !is_undecided(&error) && !matches!(error.kind(), Kind::Invalid | Kind::Conflict) {
        return Err(half_done("the project is public but has no DOI"));
    }
    match find_doi(client, id) {
        Ok(Some(doi)) => Ok(doi),
        Ok(None) => Err(half_done("the project is public but has no DOI")),
        Err(_) => Err(half_done(
            "the project is public, and whether it has a DOI is not known",
        )),
    }
}

fn find_doi(client: Client<'_>, id: &Id) -> Result<Option<String>> {
    let path = format!("nodes/{id}/identifiers/?filter%5Bcategory%5D=doi");
    let found = client.find(&path, id.as_str(), |identifier: &Identifier| {
        identifier.attributes.category == "doi"
    })?;
    Ok(found.map(|identifier| identifier.attributes.value))
}
