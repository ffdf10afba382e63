//! The plugin, run natively, against a real Swift and Keystone, and against a server that says what
//! no real one can be made to say in time.

mod real;
mod refusals;
mod scripted;
mod search;
mod special;
mod tree;
mod version3;

use tenon_sdk::native::{Builder, Collected, Environment};

use super::*;

/// The keys of the servers' users, none of which may be seen.
const KEY: &str = "tok3n-tester";

/// A connector of the user `test:tester`, but for what is added.
fn connector(auth_url: &str, key: &str) -> Builder {
    Environment::builder()
        .config("auth_url", auth_url)
        .config("user", "test:tester")
        .credential("key", key, "{key}")
}

/// A store in its environment, as a sandbox that is kept.
struct Store {
    environment: Environment,
    swift: Swift,
}

impl Store {
    fn new(builder: Builder) -> Self {
        let environment = builder.build();
        let swift = environment.enter(Swift::new).unwrap();
        Self { environment, swift }
    }

    fn run<T>(&self, f: impl FnOnce(&Swift) -> Result<T>) -> Result<T> {
        let result = self.environment.enter(|| f(&self.swift));
        if let Err(error) = &result {
            assert!(!error.to_string().contains("tok3n"), "{error}");
        }
        result
    }

    fn read_from(&self, path: &str, offset: u64) -> Result<Collected> {
        let mut collected = Collected::default();
        self.run(|swift| swift.read(&Path::new(path)?, offset, Sink::to(&mut collected)))?;
        Ok(collected)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        self.read_from(path, 0).map(|collected| collected.bytes)
    }

    fn write(&self, path: &str, content: &[u8]) -> Result<Entry> {
        let (size, mut content) = (content.len() as u64, Reader::from_bytes(content.to_vec()));
        self.run(|swift| swift.write(&Path::new(path)?, Some(size), &mut content))
    }

    fn stat(&self, path: &str) -> Result<Entry> {
        self.run(|swift| swift.stat(&Path::new(path)?))
    }

    fn delete(&self, path: &str) -> Result<()> {
        self.run(|swift| swift.delete(&Path::new(path)?))
    }

    /// All entries, in pages of this size; folders with a slash at their ends.
    fn list(&self, folder: &str, recursive: bool, max: u32) -> Result<Vec<String>> {
        let (mut paths, mut after) = (Vec::new(), None::<String>);
        loop {
            let folder = Path::new(folder)?;
            let request = ListRequest {
                folder: &folder,
                recursive,
                after: after.as_deref(),
                max,
            };
            let page = self.run(|swift| swift.list_folder(request))?;
            assert!(page.entries.len() <= max as usize);
            paths.extend(page.entries.into_iter().map(|entry| match entry.folder {
                true => entry.path + "/",
                false => entry.path,
            }));
            after = page.next;
            if after.is_none() {
                return Ok(paths);
            }
        }
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> Kind {
    result.unwrap_err().kind()
}
