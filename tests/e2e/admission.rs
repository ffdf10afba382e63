//! Admission, with the real program as its compiler: what is refused and why,
//! what is kept, and that nothing outlives whoever asked.

mod cache;
mod child;
mod described;
mod refused;
mod shipped;

use std::time::Duration;

use tenon_host::limits::AdmissionLimits;
use tenon_host::plugin::admission::Refusal;
use tenon_host::plugin::{Admission, Admitted, Cache};
use tenon_tests::{artefact, connector};

/// Compiles twenty times longer than any limit here allows.
const LABORIOUS_FUNCTIONS: usize = 400;

/// Admission with a cache of its own.
struct Rig {
    admission: Admission,
    cache: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        Self::with(AdmissionLimits::default())
    }

    fn with(limits: AdmissionLimits) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let opened = Cache::open(cache.path()).unwrap();
        let engine = connector::engine().clone();
        Self {
            admission: Admission::new(engine, opened, limits, artefact::host()),
            cache,
        }
    }

    async fn admit(&self, bytes: impl Into<Vec<u8>>) -> Result<Admitted, Refusal> {
        self.admission.admit(bytes.into().into()).await
    }

    async fn refused(&self, bytes: impl Into<Vec<u8>>) -> Refusal {
        match self.admit(bytes).await {
            Ok(admitted) => panic!("admitted: {admitted:?}"),
            Err(refusal) => refusal,
        }
    }

    /// Names of the files in its cache with an extension.
    fn cached(&self, extension: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.cache.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let named = paths.filter(|path| path.extension().is_some_and(|it| it == extension));
        named
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    }
}

fn compile_ms(compile_ms: u64) -> AdmissionLimits {
    AdmissionLimits {
        compile_ms,
        ..AdmissionLimits::default()
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
