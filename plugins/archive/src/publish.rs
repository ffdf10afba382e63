//! Publishing: from a draft to a bag that never changes.

use tenon_sdk::{Error, Kind, Path, Result, call, file_store::ListRequest, warn};

use crate::{
    bag::{self, Totals},
    digest::Hasher,
    document,
    listing::Tree,
    manifest, name,
    project::{DATA, Place, State, no_such_project},
    published::Bag,
};

/// How often to look again when another host was quicker with a step. There are three steps.
const ATTEMPTS: usize = 8;
/// How often to remove the gate again when a change passed through it meanwhile. None can begin
/// any more, so that there are as many as calls were in progress.
const CLOSING_ATTEMPTS: usize = 1000;
/// Bytes to hash at a time.
const CHUNK: usize = 1 << 20;
/// Files to take from a listing at a time.
const FILES_AT_ONCE: u32 = 1000;
/// Begins the names of bags that wait for their data.
const BAG: &str = "bag-";

impl Place<'_> {
    /// Publishes the project, or finishes what broke off, and returns the identifier it has then:
    /// `identifier`, unless it was given another one before.
    pub(crate) fn publish(&self, identifier: &str) -> Result<String> {
        for _ in 0..ATTEMPTS {
            let step = match self.state()? {
                State::Absent => return Err(no_such_project()),
                State::Published => {
                    // What a host left that was killed before it tidied up.
                    self.store.discard(&self.publishing);
                    return Bag::new(self.store, self.published.clone()).identifier();
                }
                State::Draft => self
                    .check_draft()
                    .and_then(|()| self.store.rename_into(&self.draft, &self.publishing)),
                State::Publishing => self.finish(identifier),
            };
            match step {
                // Another host has done it.
                Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Conflict) => {}
                done => done?,
            }
        }
        Err(Error::unavailable(
            "the project cannot be published just now; try again",
        ))
    }

    /// Finds what other tools may have put into the draft, before it cannot be changed any more.
    fn check_draft(&self) -> Result<()> {
        document::check(&self.draft_document()?).map_err(|error| error.about(document::NAME))?;
        self.for_each_file(&self.data()?, |path| {
            name::check(path).map_err(|reason| Error::invalid(reason).about(path.as_str()))
        })
    }

    /// From `publishing` to `published`.
    fn finish(&self, identifier: &str) -> Result<()> {
        let bag = match self.filled_bag()? {
            Some(bag) => bag,
            None => self.fill_bag(identifier)?,
        };
        self.store.rename_into(&bag, &self.published)?;
        // Bags that came too late.
        self.store.discard(&self.publishing);
        Ok(())
    }

    /// The bag that has got the data, if one has.
    fn filled_bag(&self) -> Result<Option<Path>> {
        for item in self.store.list(&self.publishing, None, FILES_AT_ONCE)? {
            let path = self.publishing.child(&item.name)?;
            if item.name.starts_with(BAG) && self.store.exists(&path.child(DATA)?)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Makes a bag for the data as it is, and moves it there.
    pub(crate) fn fill_bag(&self, identifier: &str) -> Result<Path> {
        self.close_gate()?;
        let data = self.publishing.child(DATA)?;
        let staged = self.store.stage()?;
        let bag = self.publishing.child(&format!("{BAG}{}", staged.name()))?;
        let placed = self
            .describe(&data, &staged, identifier)
            .and_then(|()| self.store.rename(&staged, &bag));
        if placed.is_err() {
            self.store.discard(&staged);
        }
        placed?;
        self.store.rename(&data, &bag.child(DATA)?)?;
        Ok(bag)
    }

    /// Removes the gate. A change that has found it before still needs it to take effect, so that
    /// afterwards none does.
    fn close_gate(&self) -> Result<()> {
        let gate = self.closed_gate()?;
        for _ in 0..CLOSING_ATTEMPTS {
            if !self.store.exists(&gate)? {
                return Ok(());
            }
            match self.store.remove(&gate) {
                // A change came in, or another host removes it as well.
                Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Conflict) => {}
                done => done?,
            }
        }
        warn!("changes keep coming to a project that is being published");
        Err(Error::unavailable("the project keeps changing; try again"))
    }

    /// Stores manifest and tag files in a staged folder.
    fn describe(&self, data: &Path, staged: &Path, identifier: &str) -> Result<()> {
        let mut manifest = manifest::Draft::new()?;
        let mut totals = Totals::default();
        self.for_each_file(data, |name| {
            let (digest, bytes) = self.digest(&data.join(name))?;
            totals.files += 1;
            totals.bytes += bytes;
            manifest.add(manifest::Line {
                digest: &digest,
                name: name.as_str(),
            })
        })?;
        let manifest_digest = manifest.store(self.store, staged)?;
        let info = bag::info(identifier, totals);
        let (declaration_name, declaration) = bag::DECLARATION;
        let tag_manifest = bag::tag_manifest(&[
            (bag::INFO, &crate::digest::of(info.as_bytes())),
            (declaration_name, &crate::digest::of(declaration.as_bytes())),
            (manifest::NAME, &manifest_digest),
        ]);
        for (name, text) in [
            (declaration_name, declaration),
            (bag::INFO, &info),
            (bag::TAG_MANIFEST, &tag_manifest),
        ] {
            self.store.write_text(&staged.child(name)?, text)?;
        }
        Ok(())
    }

    /// A file's digest and size.
    fn digest(&self, path: &Path) -> Result<(String, u64)> {
        let (status, mut content) = self.store.open(path)?;
        let mut hasher = Hasher::default();
        loop {
            if call::cancelled() {
                return Err(Error::unavailable(
                    "the call was cancelled; publish the project again to go on",
                ));
            }
            let chunk = content.chunk(CHUNK)?;
            if chunk.is_empty() {
                return Ok((hasher.finish(), status.size));
            }
            hasher.update(&chunk);
        }
    }

    /// Shows all files of a folder to `f`, relative to it.
    fn for_each_file(&self, folder: &Path, mut f: impl FnMut(&Path) -> Result<()>) -> Result<()> {
        let mut after: Option<String> = None;
        loop {
            let page = Tree(self.store).walk(ListRequest {
                folder,
                recursive: true,
                after: after.as_deref(),
                max: FILES_AT_ONCE,
            })?;
            for entry in &page.entries {
                f(&Path::new(&entry.path)?)?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
