use std::time::Duration;

use super::*;

#[test]
fn a_connectors_page_shows_its_own_series_only() {
    let metrics = Metrics::new().unwrap();
    let disk = metrics.for_connector("port-disk");
    let other = metrics.for_connector("acme/other");
    disk.ended("file-store.read", "ok", Duration::from_millis(3));
    disk.ended("file-store.read", "ok", Duration::from_millis(30));
    disk.refused("file-store.read", "overloaded");
    disk.moved(512);
    disk.sandbox(true);
    other.ended("file-store.stat", "not-found", Duration::ZERO);
    let active = disk.started();

    let page = metrics.render_for("port-disk");
    for line in [
        r#"tenon_calls_total{connector="port-disk",operation="file-store.read",outcome="ok"} 2"#,
        r#"tenon_calls_total{connector="port-disk",operation="file-store.read",outcome="overloaded"} 1"#,
        r#"tenon_call_seconds_bucket{connector="port-disk",operation="file-store.read",le="0.005"} 1"#,
        r#"tenon_call_seconds_count{connector="port-disk",operation="file-store.read"} 2"#,
        r#"tenon_calls_active{connector="port-disk"} 1"#,
        r#"tenon_transferred_bytes_total{connector="port-disk"} 512"#,
        r#"tenon_sandboxes_total{connector="port-disk",start="warm"} 1"#,
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line}\nnot in\n{page}"
        );
    }
    assert!(
        !page.contains("acme/other") && !page.contains("process_"),
        "{page}"
    );

    drop(active);
    let all = metrics.render();
    assert!(
        all.contains(r#"tenon_calls_active{connector="port-disk"} 0"#),
        "{all}"
    );
    assert!(
        all.contains(r#"connector="acme/other""#) && all.contains("process_"),
        "{all}"
    );
}

#[test]
fn a_reload_keeps_counting() {
    let metrics = Metrics::new().unwrap();
    for _ in 0..2 {
        metrics
            .for_connector("c")
            .refused("file-store.read", "overloaded");
    }
    let page = metrics.render_for("c");
    assert!(page.contains(r#"outcome="overloaded"} 2"#), "{page}");
}
