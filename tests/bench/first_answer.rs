//! What a restarted host needs for a plugin that it has compiled before: from
//! the file of native code to the first answer of the plugin.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tenon_host::capability::call::Context;
use tenon_host::limits::{AdmissionLimits, Isolation};
use tenon_host::plugin::{Admission, Admitted, Cache, Launcher};
use tenon_tests::{artefact, connector};

use crate::stats;
use crate::summary::Summary;

/// In one round: more would only show a warm file cache more often.
const TURN: usize = 20;

/// Measures the SDK's template.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (mut loaded, mut answered) = (Vec::new(), Vec::new());
    runtime.block_on(async {
        let admission = Admission::new(
            connector::engine().clone(),
            Cache::open(&artefact::root().join("target/test-cache"))?,
            AdmissionLimits::default(),
            artefact::host(),
        );
        let bytes = std::fs::read(artefact::plugin("template"))?;
        // Compiled now, if it never was.
        let Admitted { digest, facts, .. } = admission.admit(bytes.into()).await?;
        for _ in 0..stats::rounds() * TURN {
            let started = Instant::now();
            let not_needed = async { Err("the compiled file is there".to_owned()) };
            let component = admission.load(&digest, &facts, not_needed).await?;
            loaded.push(started.elapsed().as_secs_f64() * 1e3);
            let launcher = connector::launcher(component, Isolation::Call);
            first_answer(&launcher).await?;
            answered.push(started.elapsed().as_secs_f64() * 1e3);
        }
        anyhow::Ok(())
    })?;
    println!(
        "precompiled file of the template: loaded {:.3} ms, first answer {:.3} ms, p99 {:.3} ms\n",
        stats::median(&mut loaded),
        stats::median(&mut answered),
        stats::percentile(&mut answered, 0.99),
    );
    summary.add("cwasm_first_answer_ms", stats::median(&mut answered));
    Ok(())
}

async fn first_answer(launcher: &dyn Launcher) -> anyhow::Result<()> {
    let context = Arc::new(Context::new("bench".into(), "template".into()));
    let cpu = connector::engine().cpu_meter(Duration::from_secs(10));
    let failed = |failure| anyhow::anyhow!("{failure:?}");
    let mut sandbox = launcher.launch(context, cpu).await.map_err(failed)?;
    let described = sandbox.lifecycle().describe().await.map_err(failed)?;
    anyhow::ensure!(described.name == "template", "{described:?}");
    Ok(())
}
