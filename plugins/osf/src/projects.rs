//! Projects, from the first draft to the last change before publication.

use serde_json::json;
use tenon_sdk::{
    Error, Result,
    repository::{Page, PageRequest, Project},
};

use crate::{
    addresses::{is_plain, leads_elsewhere},
    client::{Client, is_undecided},
    document::Node,
    id::Id,
    metadata::Attributes,
};

/// As many projects as the service puts on a page.
const PAGE_MAX: u32 = 100;

/// The caller's projects.
const MINE: &str = "users/me/nodes/";

const TITLE_DEFAULT: &str = "Untitled project";
const CATEGORY_DEFAULT: &str = "project";

/// A page of the caller's projects that are not public. The cursor is the next page's address.
pub(crate) fn list(client: Client<'_>, request: PageRequest<'_>) -> Result<Page<Project>> {
    if request.max == 0 {
        return Err(Error::invalid("a page must have room for a project"));
    }
    let size = request.max.min(PAGE_MAX);
    let first = format!("{MINE}?filter%5Bpublic%5D=false&page%5Bsize%5D={size}");
    let path = match request.after {
        Some(after) => checked(after)?,
        None => &first,
    };
    let page = client.page::<Node>(path, "projects")?;
    let items: Vec<_> = page
        .items
        .into_iter()
        .filter(|node| !node.is_public())
        .map(project)
        .collect();
    if items.len() > request.max as usize {
        return Err(Error::unavailable(
            "the system sent more projects than asked for",
        ));
    }
    let next = page.next;
    // Not the caller's fault, as a cursor of their own would be.
    if let Some(next) = next.as_deref().filter(|next| checked(next).is_err()) {
        return Err(leads_elsewhere(next));
    }
    Ok(Page { items, next })
}

pub(crate) fn get(client: Client<'_>, id: &Id) -> Result<Node> {
    client.get(&format!("nodes/{id}/"), id.as_str())
}

/// A project that is to be changed. What is public has readers, who rely on what they have seen.
pub(crate) fn changeable(client: Client<'_>, id: &Id) -> Result<Node> {
    let node = get(client, id)?;
    if node.is_public() {
        return Err(Error::conflict("the project is public and stays as it is").about(id.as_str()));
    }
    Ok(node)
}

/// Makes a project together with its metadata, in one request: there is nothing to take back.
pub(crate) fn create(client: Client<'_>, mut attributes: Attributes) -> Result<Project> {
    let title = attributes
        .title
        .get_or_insert_with(|| TITLE_DEFAULT.to_owned())
        .clone();
    attributes
        .category
        .get_or_insert_with(|| CATEGORY_DEFAULT.to_owned());
    let document = json!({"data": {"type": "nodes", "attributes": attributes}});
    client
        .send_document("POST", "nodes/", &document, "project")
        .map(project)
        .map_err(|error| {
            let message = "a new private project of this title may be there nevertheless";
            if is_undecided(&error) {
                error.noting(message).about(&title)
            } else {
                error
            }
        })
}

/// Sets what the metadata names and leaves the rest as it is.
pub(crate) fn update(client: Client<'_>, id: &Id, attributes: &Attributes) -> Result<Node> {
    let node = changeable(client, id)?;
    if attributes.is_empty() {
        return Ok(node);
    }
    patch(client, id, &json!(attributes))
}

pub(crate) fn patch(client: Client<'_>, id: &Id, attributes: &serde_json::Value) -> Result<Node> {
    let document = json!({"data": {"type": "nodes", "id": id, "attributes": attributes}});
    client.send_document("PATCH", &format!("nodes/{id}/"), &document, id.as_str())
}

pub(crate) fn delete(client: Client<'_>, id: &Id) -> Result<()> {
    changeable(client, id)?;
    client.delete(client.0.api(&format!("nodes/{id}/")), id.as_str())
}

fn project(node: Node) -> Project {
    Project {
        id: node.id.clone().into(),
        metadata: node.into_metadata(),
    }
}

/// A cursor comes back from a caller, who may have made it up.
fn checked(cursor: &str) -> Result<&str> {
    let query = cursor.strip_prefix(MINE).unwrap_or_default();
    if query.starts_with('?') && is_plain(cursor) {
        Ok(cursor)
    } else {
        Err(Error::invalid("this is no page of the list of projects").about(cursor))
    }
}

#[cfg(test)]
mod tests {
    use tenon_sdk::Kind;

    use super::*;

    #[test]
    fn a_cursor_leads_to_the_callers_projects_only() {
        let good = "users/me/nodes/?filter%5Bpublic%5D=false&page=2";
        assert_eq!(checked(good), Ok(good));
        for cursor in [
            "",
            "2",
            "users/me/nodes/",
            "users/me/",
            "users/abcde/nodes/?page=2",
            "users/me/nodes/../settings/?page=2",
            "users/me/nodes/?page=2#x",
            "users/me/nodes/?page=2 HTTP/1.1\r\nx: y",
        ] {
            assert_eq!(
                checked(cursor).unwrap_err().kind(),
                Kind::Invalid,
                "{cursor}"
            );
        }
    }
}
