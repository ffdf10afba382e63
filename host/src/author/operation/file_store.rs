//! Operations of the role `file-store`.

use serde_json::{Value, json};

use super::{ArgumentError, Arguments, Called, Caller, PAGE_ITEMS};
use crate::dispatch::file_store::{Delete, Entry, ListFolder, Page, Read, Stat, Write};

pub(super) async fn run(
    caller: &Caller<'_>,
    mut arguments: Arguments,
) -> Result<Called, ArgumentError> {
    let path = arguments.text("path")?;
    Ok(match caller.verb() {
        "list-folder" => {
            let list = ListFolder {
                path,
                recursive: arguments.flag("recursive")?,
                after: arguments.optional_text("after")?,
                max: arguments.max(PAGE_ITEMS)?,
            };
            arguments.finish()?;
            caller.call(list, page).await
        }
        "read" => {
            let offset = arguments.number("offset")?.unwrap_or_default();
            arguments.finish()?;
            let read = |into| Read { path, offset, into };
            caller.stream(read).await
        }
        "write" => {
            let size = arguments.number("size")?;
            let (content, found) = arguments.content()?;
            arguments.finish()?;
            let write = Write {
                path,
                size: size.or(Some(found)),
                content,
            };
            caller.call(write, |written| entry(&written)).await
        }
        "delete" => {
            arguments.finish()?;
            caller.call(Delete { path }, |()| Value::Null).await
        }
        _ => {
            arguments.finish()?;
            caller.call(Stat { path }, |found| entry(&found)).await
        }
    })
}

fn page(page: Page) -> Value {
    let entries: Vec<_> = page.entries.iter().map(entry).collect();
    json!({ "entries": entries, "next": page.next })
}

fn entry(entry: &Entry) -> Value {
    json!({
        "path": entry.path,
        "folder": entry.folder,
        "size": entry.size,
        "etag": entry.etag,
    })
}
