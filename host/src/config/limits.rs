//! `[limits]` of a connector, with the host's as defaults, and of a tenant.

use super::source::Section;
use crate::limits::{Limits, TenantLimits};

/// `defaults`, with what the section says in their place.
pub(super) fn of_connector(section: Option<Section<'_>>, defaults: &Limits) -> Limits {
    let mut limits = defaults.clone();
    let Some(mut section) = section else {
        return limits;
    };
    section.set("memory_bytes", &mut limits.memory_bytes);
    section.set("table_elements", &mut limits.table_elements);
    section.set("core_instances", &mut limits.core_instances);
    section.set("first_byte_ms", &mut limits.first_byte_ms);
    section.set("progress_window_ms", &mut limits.progress_window_ms);
    section.set("progress_bytes_min", &mut limits.progress_bytes_min);
    section.set_some("total_ms", &mut limits.total_ms);
    section.set("cpu_ms", &mut limits.cpu_ms);
    section.set("concurrent_calls", &mut limits.concurrent_calls);
    section.set_some("calls_per_second", &mut limits.calls_per_second);
    section.set("handles", &mut limits.handles);
    section.set("hostcall_bytes", &mut limits.hostcall_bytes);
    section.set("random_bytes", &mut limits.random_bytes);
    section.set("http_requests", &mut limits.http_requests);
    section.set("http_open", &mut limits.http_open);
    section.set_some("upload_bytes", &mut limits.upload_bytes);
    section.set_some("response_bytes", &mut limits.response_bytes);
    section.set("log_bytes", &mut limits.log_bytes);
    section.set("request_body_bytes", &mut limits.request_body_bytes);
    section.set("sql_result_bytes", &mut limits.sql_result_bytes);
    section.set("kv_value_bytes", &mut limits.kv_value_bytes);
    limits
}

/// A tenant's limits; left out means none.
pub(super) fn of_tenant(section: Option<Section<'_>>) -> TenantLimits {
    let mut limits = TenantLimits::default();
    if let Some(mut section) = section {
        section.set_some("concurrent_calls", &mut limits.concurrent_calls);
        section.set_some("calls_per_second", &mut limits.calls_per_second);
    }
    limits
}
