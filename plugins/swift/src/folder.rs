//! A folder: what the names of objects have in common up to a slash, in one container or over
//! several that are seen as one.

use std::collections::BTreeMap;

use tenon_sdk::{
    Error, Kind, Path, Result,
    file_store::{Item, Listing},
};

use crate::{
    client::{Client, Target},
    listing::{self, PAGE, Page, Row, objects},
};

/// Names asked for at least, since some may turn out not to count.
const NAMES_MIN: usize = 50;

/// The objects that begin alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folder<'a> {
    pub(crate) client: &'a Client,
    /// The first one that has an object of a name counts.
    pub(crate) containers: &'a [String],
    /// Without a slash at its end; empty for all objects.
    pub(crate) path: &'a str,
}

/// A part of a folder by name, folders with a slash at their ends: Swift's own order.
struct Merged {
    rows: BTreeMap<String, Row>,
    /// The last name up to which nothing is left out, unless all are there.
    until: Option<String>,
}

impl Folder<'_> {
    /// What the objects' names begin with.
    fn prefix(&self) -> String {
        match self.path {
            "" => String::new(),
            path => format!("{path}/"),
        }
    }

    /// Whether an object is in it, or stands for it.
    pub(crate) fn exists(&self) -> Result<bool> {
        self.any_below(&self.prefix())
    }

    fn any_below(&self, prefix: &str) -> Result<bool> {
        for container in self.containers {
            let page = Page {
                prefix,
                marker: "",
                folders: false,
                limit: 1,
            };
            if objects(self.client, container, page)?.is_some_and(|(rows, _)| !rows.is_empty()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The items after the one called `after`. Where an object and a folder have one name, the
    /// folder is told of: the object can be read all the same, what is in the folder could not be
    /// found.
    pub(crate) fn items(&self, after: Option<&str>, max: u32) -> Result<Listing> {
        let prefix = self.prefix();
        let mut marker = match after {
            None => String::new(),
            Some(name) => {
                let folder = format!("{prefix}{name}/");
                match self.any_below(&folder)? {
                    true => folder,
                    false => format!("{prefix}{name}"),
                }
            }
        };
        let limit = usize::try_from(max).unwrap_or(PAGE).clamp(NAMES_MIN, PAGE);
        loop {
            let Merged { rows, until } = self.merged(&prefix, &marker, limit)?;
            let items = self.named(rows, &prefix, until.as_deref())?;
            match until {
                // None of these names counted.
                Some(until) if items.is_empty() => marker = until,
                until => {
                    if items.is_empty() && after.is_none() {
                        self.assert_there()?;
                    }
                    let more = until.is_some();
                    return Ok(Listing { items, more });
                }
            }
        }
    }

    fn merged(&self, prefix: &str, marker: &str, limit: usize) -> Result<Merged> {
        let mut all = Vec::new();
        let mut until: Option<String> = None;
        for container in self.containers {
            let page = Page {
                prefix,
                marker,
                folders: true,
                limit,
            };
            let Some((rows, more)) = objects(self.client, container, page)? else {
                continue;
            };
            if let Some(last) = rows.last().filter(|_| more)
                && until.as_ref().is_none_or(|until| last.name < *until)
            {
                until = Some(last.name.clone());
            }
            all.push(rows);
        }
        if all.is_empty() && !self.containers.is_empty() {
            return Err(no_container(self.containers));
        }
        let mut rows = BTreeMap::new();
        for row in all.into_iter().flatten() {
            if until.as_ref().is_none_or(|until| row.name <= *until) {
                rows.entry(row.name.clone()).or_insert(row);
            }
        }
        Ok(Merged { rows, until })
    }

    /// The rows as items, those left out that are no segment of a path.
    fn named(
        &self,
        mut rows: BTreeMap<String, Row>,
        prefix: &str,
        until: Option<&str>,
    ) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        while let Some((full, row)) = rows.pop_first() {
            let folder = format!("{full}/");
            let hidden = match until {
                _ if full.ends_with('/') => false,
                // The folder of this name may come in a later page.
                Some(until) if *until < *folder => self.any_below(&folder)?,
                _ => rows.contains_key(&folder),
            };
            let name = full.strip_prefix(prefix).unwrap_or(&full);
            let name = name.strip_suffix('/').unwrap_or(name);
            if hidden || Path::root().child(name).is_err() {
                continue;
            }
            items.push(if row.is_folder() {
                Item::folder(name)
            } else {
                Item {
                    size: row.size(),
                    etag: row.etag(),
                    ..Item::file(name)
                }
            });
        }
        Ok(items)
    }

    /// A file has no items, and what is not there has none either.
    fn assert_there(&self) -> Result<()> {
        if self.path.is_empty() || self.exists()? {
            return Ok(());
        }
        for container in self.containers {
            match self.client.head(Target::object(container, self.path)) {
                Err(error) if error.kind() == Kind::NotFound => {}
                found => return found.map(drop),
            }
        }
        Err(Error::not_found("no such folder").about(self.path))
    }

    /// Removes every object in it, page by page, in every container.
    pub(crate) fn delete(&self) -> Result<()> {
        let prefix = self.prefix();
        for container in self.containers {
            let mut marker = String::new();
            loop {
                let page = Page {
                    prefix: &prefix,
                    marker: &marker,
                    folders: false,
                    limit: PAGE,
                };
                let Some((rows, more)) = listing::objects(self.client, container, page)? else {
                    break;
                };
                for row in &rows {
                    match self.client.delete(Target::object(container, &row.name)) {
                        Err(error) if error.kind() == Kind::NotFound => {}
                        deleted => deleted?,
                    }
                }
                match rows.into_iter().next_back() {
                    Some(last) if more => marker = last.name,
                    _ => break,
                }
            }
        }
        Ok(())
    }
}

fn no_container(containers: &[String]) -> Error {
    Error::not_found("no such container").about(containers.join(", "))
}
