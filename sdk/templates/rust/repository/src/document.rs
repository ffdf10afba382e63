//! A project's metadata: one JSON object in one file.

use serde_json::{Map, Value};
use tenon_sdk::files::Root;
use tenon_sdk::{Error, Path, Result, scratch};

/// Larger than the description of twenty thousand files, and small for a sandbox.
const BYTES_MAX: usize = 8 << 20;

/// Text that is a JSON object.
pub(crate) struct Document(String);

impl Document {
    /// Checks a text. Here is the place to say what your system asks of metadata.
    pub(crate) fn new(text: &str) -> Result<Self> {
        serde_json::from_str::<Map<String, Value>>(text)
            .map_err(|error| Error::invalid(format!("metadata is no JSON object: {error}")))?;
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn read(root: &Root, project: &Path) -> Result<Self> {
        let (_, mut content) = root.open(&project.child("metadata.json")?, 0)?;
        let text = String::from_utf8(content.read_all(BYTES_MAX)?);
        Self::new(&text.map_err(|_| Error::internal("metadata is no text"))?)
    }

    pub(crate) fn write(&self, root: &Root, project: &Path) -> Result<()> {
        // Files are stored from streams, so what the plugin makes itself goes by way of scratch.
        let file = scratch::create()?;
        file.append()?.write_all(self.0.as_bytes())?;
        let path = project.child("metadata.json")?;
        root.write(&path, Some(file.size()), &mut file.open(0)?)?;
        Ok(())
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}
