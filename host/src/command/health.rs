//! `tenon health`, for images that hold no other HTTP client.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;
use url::Url;

use super::Output;

/// Below what orchestrators commonly allow a probe.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Succeeds when the address answers with a status of success.
pub(crate) fn run(url: &Url, output: &Output) -> anyhow::Result<ExitCode> {
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
        if output.is_json() {
            let result = json!({ "url": url.as_str(), "status": answer.status().as_u16() });
            output.print(&result, |_| String::new())?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
