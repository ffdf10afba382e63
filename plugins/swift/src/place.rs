//! Where a path is: in which containers, and under which name.

use tenon_sdk::{
    Error, Kind, Path, Result,
    file_store::{Item, Listing, skip_past},
};

use crate::{
    Swift,
    client::Target,
    listing,
    settings::{Lookup, Settings},
};

/// What a path means.
#[derive(Debug)]
pub(crate) struct Place {
    /// In the order in which they are searched.
    pub(crate) containers: Vec<String>,
    /// Empty for what is in the containers as a whole.
    pub(crate) object: String,
}

impl Place {
    /// What `f` finds in the first container that has it. Only what is not there is looked for in
    /// the next one: a container that cannot be asked may have it.
    pub(crate) fn found<T>(&self, f: impl Fn(Target<'_>) -> Result<T>) -> Result<T> {
        for container in &self.containers {
            match f(Target::object(container, &self.object)) {
                Err(error) if error.kind() == Kind::NotFound => {}
                found => return found,
            }
        }
        let subject = match (self.object.as_str(), self.containers.as_slice()) {
            ("", [container, ..]) => container,
            (object, _) => object,
        };
        Err(Error::not_found("nothing of this name is in the containers").about(subject))
    }
}

impl Swift {
    /// What a path means; the root only where all containers are seen as one.
    pub(crate) fn place(&self, path: &Path) -> Result<Place> {
        match self.settings.lookup {
            Lookup::Search => Ok(Place {
                containers: self.searched()?,
                object: path.to_string(),
            }),
            Lookup::Path => {
                let (container, object) = split(path);
                self.settings.assert_used(container)?;
                Ok(Place {
                    containers: vec![container.to_owned()],
                    object: object.to_owned(),
                })
            }
        }
    }

    /// Container and name of an object that is to be stored.
    pub(crate) fn new_object(&self, path: &Path) -> Result<(String, String)> {
        let no_name = |reason| Err(Error::invalid(reason).about(path.as_str()));
        match self.settings.lookup {
            _ if path.is_root() => no_name("an object needs a name"),
            Lookup::Search => match self.settings.containers.first() {
                Some(first) => Ok((first.clone(), path.to_string())),
                None => Err(Error::invalid(
                    "new objects go into the first container, and none is configured",
                )
                .about("containers")),
            },
            Lookup::Path => match split(path) {
                (_, "") => no_name("an object needs a container and a name"),
                (container, object) => {
                    self.settings.assert_used(container)?;
                    Ok((container.to_owned(), object.to_owned()))
                }
            },
        }
    }

    /// The containers as folders.
    pub(crate) fn container_items(&self, after: Option<&str>) -> Result<Listing> {
        let items = |names: Vec<String>| names.into_iter().map(Item::folder).collect();
        if !self.settings.containers.is_empty() {
            return skip_past(items(self.settings.containers.clone()), after);
        }
        let mut marker = after.unwrap_or_default().to_owned();
        loop {
            let (mut names, more) = listing::containers(&self.client, &marker)?;
            let last = names.last().cloned();
            names.retain(|name| Path::root().child(name).is_ok());
            match last {
                // None of these can be a path's segment.
                Some(last) if more && names.is_empty() => marker = last,
                _ => {
                    let items = items(names);
                    return Ok(Listing { items, more });
                }
            }
        }
    }

    /// The configured containers, else all of the account, page by page.
    fn searched(&self) -> Result<Vec<String>> {
        if !self.settings.containers.is_empty() {
            return Ok(self.settings.containers.clone());
        }
        let mut all = Vec::new();
        loop {
            let marker = all.last().map_or("", String::as_str);
            let (names, more) = listing::containers(&self.client, marker)?;
            all.extend(names);
            if !more {
                return Ok(all);
            }
        }
    }
}

impl Settings {
    fn assert_used(&self, container: &str) -> Result<()> {
        let used = &self.containers;
        if used.is_empty() || used.iter().any(|name| name == container) {
            Ok(())
        } else {
            Err(Error::not_found("no such container").about(container))
        }
    }
}

/// The first segment, and what follows it.
fn split(path: &Path) -> (&str, &str) {
    let path = path.as_str();
    path.split_once('/').unwrap_or((path, ""))
}
