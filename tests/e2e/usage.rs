//! What operators see of grants that plugins use, and of those they do not.

use std::fs;

use tenon_tests::cloud::Cloud;
use tenon_tests::setup::{Setup, disk, owncloud};

/// The value of a series, by the labels it has.
fn figure(metrics: &str, name: &str, labels: &[(&str, &str)]) -> Option<u64> {
    let prefix = format!("{name}{{");
    let has =
        |line: &str, (label, value): &(&str, &str)| line.contains(&format!("{label}=\"{value}\""));
    let mut lines = metrics.lines().filter(|line| line.starts_with(&prefix));
    let line = lines.find(|line| labels.iter().all(|label| has(line, label)))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn a_grant_that_nothing_uses_shows() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let (cloud, spare) = tokio::join!(Cloud::start(), Cloud::start());
    let files = disk(folder.path(), "read-write");
    let root = files[files.find("[[grants").unwrap()..].replace("'data'", "'spare'");
    let files = files + &root;
    let cloud_text = owncloud(&cloud.url(), "owncloud", "Bearer {caller}");
    let more = format!("[[grants.http]]\norigin = '{}'\n", spare.url());
    let cloud_text = cloud_text.replace("[grants.scratch]", &format!("{more}[grants.scratch]"));
    let setup = Setup::new()
        .connector("port-disk", &files)
        .connector("port-cloud", &cloud_text);
    let host = setup.start().await;
    host.ready("port-disk").await;
    host.ready("port-cloud").await;
    let disk = host.caller("port-disk", "alice");
    assert_eq!(disk.file("a.txt").await.status, 200);
    let session = host.caller("port-cloud", "port-cloud://alice:tok3n-in-the-body");
    assert_eq!(session.file("a.txt").await.status, 200);

    let check = async || {
        let metrics = host.admin("/metrics").await.text();
        let used = |connector, capability, grant: &str| {
            let labels = [
                ("connector", connector),
                ("capability", capability),
                ("grant", grant),
            ];
            figure(&metrics, "tenon_grant_used", &labels)
        };
        assert_eq!(used("port-disk", "files", "data"), Some(1), "{metrics}");
        assert_eq!(used("port-disk", "files.write", "data"), Some(0));
        assert_eq!(used("port-disk", "files", "spare"), Some(0));
        assert_eq!(
            used("port-cloud", "http", &cloud.url()),
            Some(1),
            "{metrics}"
        );
        let credential = format!("{} caller", cloud.url());
        assert_eq!(used("port-cloud", "http.credentials", &credential), Some(1));
        assert_eq!(used("port-cloud", "http", &spare.url()), Some(0));
        let requests = |origin: &str| {
            let labels = [("connector", "port-cloud"), ("origin", origin)];
            figure(&metrics, "tenon_upstream_requests_total", &labels)
        };
        assert!(requests(&cloud.url()) > Some(0), "{metrics}");
        assert_eq!(requests(&spare.url()), Some(0));
        let calls = [("connector", "port-disk"), ("capability", "files")];
        assert!(figure(&metrics, "tenon_host_calls_total", &calls) > Some(0));
        let read = [("connector", "port-disk"), ("operation", "file-store.read")];
        assert!(metrics.lines().any(|line| {
            line.starts_with("tenon_call_cpu_seconds_total{")
                && read
                    .iter()
                    .all(|(label, value)| line.contains(&format!("{label}=\"{value}\"")))
        }));
        let memory = figure(
            &metrics,
            "tenon_sandbox_memory_bytes_max",
            &[("connector", "port-disk")],
        );
        assert!(memory >= Some(64 << 10), "{metrics}");
    };
    check().await;
    // Callers of the connector learn nothing of its grants.
    let page = disk.get("/metrics").await.text();
    assert!(
        !page.contains("tenon_grant_used") && !page.contains("spare"),
        "{page}"
    );

    // A reload that changes another connector forgets nothing.
    let lines = host.logs().len();
    host.setup
        .write("connectors/port-more.toml", "plugin = 'template'\n");
    host.logged("configuration taken over", lines).await;
    check().await;
    // The log of a call has its figures.
    let ended = host.logged("call ended", 0).await;
    assert!(ended["host_calls"].as_u64() > Some(0), "{ended}");
    assert!(ended["memory_bytes"].as_u64() >= Some(64 << 10), "{ended}");
}
