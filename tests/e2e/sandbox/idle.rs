//! What a component costs that nobody calls, and what its next call finds.

use std::sync::Arc;
use std::time::Duration;

use tenon_host::capability::call::Context;
use tenon_host::limits::Isolation;
use tenon_host::plugin::{Cache, Component, Engine, EngineConfig, Launcher, Sandbox};
use tenon_tests::{artefact, connector};

const PATIENCE: Duration = Duration::from_millis(20);

struct Rig {
    engine: Arc<Engine>,
    cache: tempfile::TempDir,
    component: Arc<Component>,
    launcher: Box<dyn Launcher>,
}

impl Rig {
    fn new(isolation: Isolation) -> Self {
        let config = EngineConfig {
            sandboxes_max: 4,
            unload_after: PATIENCE,
            ..EngineConfig::default()
        };
        let engine = Engine::new(&config).unwrap();
        let cache = tempfile::tempdir().unwrap();
        let opened = Cache::open(cache.path()).unwrap();
        let loaded = Component::load(&engine, &opened, &artefact::plugin("template"));
        let component = Arc::new(loaded.unwrap());
        Self {
            engine,
            cache,
            launcher: Box::new(connector::launcher(component.clone(), isolation)),
            component,
        }
    }

    async fn start(&self) -> Box<dyn Sandbox> {
        let context = Arc::new(Context::new("test".into(), "template".into()));
        let cpu = self.engine.cpu_meter(Duration::from_secs(10));
        self.launcher.launch(context, cpu).await.unwrap()
    }

    /// Looks as the host does, until nobody has called for long enough.
    fn sweep(&self) {
        for _ in 0..2 {
            self.launcher.sweep();
            std::thread::sleep(PATIENCE);
        }
        self.launcher.sweep();
    }
}

async fn answers(sandbox: &mut Box<dyn Sandbox>) {
    let described = sandbox.lifecycle().describe().await.unwrap();
    assert_eq!(described.name, "template");
}

#[tokio::test]
async fn a_component_that_nobody_calls_is_unloaded_until_somebody_does() {
    let rig = Rig::new(Isolation::Call);
    assert!(rig.component.is_loaded());
    rig.launcher.sweep();
    assert!(rig.component.is_loaded(), "it was called just now");
    rig.sweep();
    assert!(!rig.component.is_loaded());
    let mut running = rig.start().await;
    assert!(rig.component.is_loaded());
    // A call that takes longer than that keeps what it runs on.
    rig.sweep();
    assert!(!rig.component.is_loaded());
    answers(&mut running).await;
    // Its file may be gone: what was verified is still open.
    drop(running);
    std::fs::remove_dir_all(rig.cache.path()).unwrap();
    answers(&mut rig.start().await).await;
}
