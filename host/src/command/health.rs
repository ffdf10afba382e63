//! `tenon health`, for images that hold no other HTTP client.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use url::Url;

/// Below what orchestrators commonly allow a probe.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Succeeds when the address answers with a status of success.
pub(crate) fn run(url: &Url) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // A proxy has no business between a host and its own probe.
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .build()?;
        let answer = client.get(url.clone()).send().await?;
        ensure!(
            answer.status().is_success(),
            "{url} answers {}",
            answer.status()
        );
        Ok(ExitCode::SUCCESS)
    })
}
