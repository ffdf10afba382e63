//! Changes to a project. Each of them is one `rename` between the gate and the data, so that it
//! happens as a whole, before the project is published, or not at all.

use tenon_sdk::{Error, Kind, Path, Result, transfer::Reader};

use crate::{
    document,
    name::FileName,
    project::{DATA, GATE, Place},
};

/// Items of a folder to look at in one go.
const ITEMS_AT_ONCE: u32 = 1000;

impl Place<'_> {
    /// Makes the project, in one step.
    pub(crate) fn create(&self, document: &str) -> Result<()> {
        let staged = self.store.stage()?;
        let made = self.make(&staged, document);
        if made.is_err() {
            self.store.discard(&staged);
        }
        made
    }

    fn make(&self, staged: &Path, document: &str) -> Result<()> {
        let document_path = staged.child(DATA)?.child(document::NAME)?;
        self.store.write_text(&document_path, document)?;
        self.store.create_folder(&staged.child(GATE)?)?;
        self.store.rename_into(staged, &self.draft)
    }

    /// Replaces the crate document. The text has been checked.
    pub(crate) fn replace_document(&self, document: &str) -> Result<()> {
        let staged = self.store.stage()?;
        self.store.write_text(&staged, document)?;
        self.take_in(&staged, &Path::new(document::NAME)?)
    }

    /// Adds or replaces a file, and says how large it is. A file of the crate document's name is
    /// the crate document.
    pub(crate) fn add(
        &self,
        name: &FileName,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<u64> {
        // Nobody should have to send gigabytes to hear that the project is not there.
        self.changed(self.store.stat(&self.draft), changed_meanwhile)?;
        if name.is_document() {
            let text = document::read(content)?;
            document::check(&text).map_err(|error| error.about(document::NAME))?;
            self.replace_document(&text)?;
            return Ok(text.len() as u64);
        }
        let staged = self.store.stage()?;
        let status = self.store.write(&staged, size, content)?;
        let folders = self.ensure_folders(name);
        if folders.is_err() {
            self.store.discard(&staged);
        }
        folders?;
        self.take_in(&staged, name.path())?;
        Ok(status.size)
    }

    /// Sees that the folders of a name are there, one by one from the data on: a project that was
    /// moved away is not brought back by them.
    fn ensure_folders(&self, name: &FileName) -> Result<()> {
        let mut folder = self.data()?;
        for segment in name.path().parent().unwrap_or_default().segments() {
            folder = folder.child(segment)?;
            let ensured = self.store.ensure_folder(&folder);
            self.changed(in_the_way(ensured, name.path()), changed_meanwhile)?;
        }
        Ok(())
    }

    /// Moves a staged file through the gate to its place in the data.
    fn take_in(&self, staged: &Path, name: &Path) -> Result<()> {
        let waiting = self.gate()?.child(staged.name())?;
        let entered = self.store.rename(staged, &waiting);
        if entered.is_err() {
            self.store.discard(staged);
        }
        self.changed(entered, changed_meanwhile)?;
        let moved = self.store.rename(&waiting, &self.data()?.join(name));
        if moved.is_err() {
            self.store.discard(&waiting);
        }
        self.changed(in_the_way(moved, name), changed_meanwhile)
    }

    /// Moves a file or folder out of the data, and throws it away.
    fn take_out(&self, path: &Path) -> Result<()> {
        let name = self.store.stage()?;
        let waiting = self.gate()?.child(name.name())?;
        self.store.rename(path, &waiting)?;
        self.store.discard(&waiting);
        Ok(())
    }

    /// Removes a file.
    pub(crate) fn delete_file(&self, name: &FileName) -> Result<()> {
        let path = self.data()?.join(name.path());
        let found = self.changed(self.store.stat(&path), || name.missing())?;
        if found.folder {
            return Err(name.missing());
        }
        if name.is_document() {
            return Err(
                Error::invalid("the crate document can be replaced, not removed")
                    .about(document::NAME),
            );
        }
        self.changed(self.take_out(&path), || name.missing())
    }

    /// Removes all files. The crate document stays.
    pub(crate) fn delete_files(&self) -> Result<()> {
        let data = self.data()?;
        let mut after: Option<String> = None;
        loop {
            let listed = self.store.list(&data, after.as_deref(), ITEMS_AT_ONCE);
            let items = self.changed(listed, changed_meanwhile)?;
            for item in &items {
                if item.name == document::NAME {
                    continue;
                }
                match self.take_out(&data.child(&item.name)?) {
                    // Another call was quicker, unless the project is gone, or its gate alone.
                    Err(error) if error.kind() == Kind::NotFound => {
                        self.changed(self.store.stat(&self.gate()?), changed_meanwhile)?;
                    }
                    done => done?,
                }
            }
            match items.into_iter().next_back() {
                Some(last) => after = Some(last.name),
                None => return Ok(()),
            }
        }
    }

    /// Removes the project, in one step.
    pub(crate) fn delete(&self) -> Result<()> {
        let staged = self.store.stage()?;
        let moved = self.store.rename_into(&self.draft, &staged);
        self.changed(moved, changed_meanwhile)?;
        self.store.discard(&staged);
        Ok(())
    }
}

/// Names the file for which there is no place.
fn in_the_way<T>(result: Result<T>, name: &Path) -> Result<T> {
    result.map_err(|error| match error.kind() {
        Kind::Conflict => error.about(name.as_str()),
        _ => error,
    })
}

fn changed_meanwhile() -> Error {
    Error::unavailable("the project changed meanwhile; try again")
}
