//! What every connector has used, kept over reloads, and its figures for
//! operators.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounterVec, IntGaugeVec, Opts};

use crate::capability::Grants;
use crate::capability::config::Values;
use crate::capability::usage::{Report, Usage};
use crate::telemetry::metrics::CONNECTOR;

/// The usage of each connector, by its id. Clones share it.
///
/// Its series name granted hosts and directories, so that they are for
/// operators and on no connector's own page. They are made when somebody
/// looks: an idle connector costs none of their memory.
#[derive(Debug, Clone)]
pub(super) struct Usages {
    known: Arc<Mutex<BTreeMap<String, Known>>>,
    descriptions: Vec<Desc>,
}

#[derive(Debug, Clone)]
struct Known {
    usage: Arc<Usage>,
    grants: Arc<Grants>,
}

impl Usages {
    pub(super) fn new() -> prometheus::Result<Self> {
        let families = Families::new()?;
        let descriptions = families.all().into_iter().flat_map(Collector::desc);
        Ok(Self {
            known: Arc::default(),
            descriptions: descriptions.cloned().collect(),
        })
    }

    /// The usage of a connector: the one it had before, as far as its grants
    /// are the same.
    pub(super) fn of(&self, id: &str, grants: &Arc<Grants>, config: &Values) -> Arc<Usage> {
        let mut known = self.known();
        let usage = match known.get(id) {
            Some(before) => before.usage.renewed(grants, config),
            None => Usage::new(grants, config),
        };
        let now = Known {
            usage: usage.clone(),
            grants: grants.clone(),
        };
        known.insert(id.to_owned(), now);
        usage
    }

    /// Forgets connectors that are not configured any more.
    pub(super) fn retain(&self, keep: impl Fn(&str) -> bool) {
        self.known().retain(|id, _| keep(id));
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Usages {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // Calls count on meanwhile: none of them takes this lock.
        let known = self.known().clone();
        let Ok(families) = Families::new() else {
            return Vec::new();
        };
        for (id, known) in &known {
            families.fill(id, &known.usage.report(&known.grants));
        }
        let families = families.all().into_iter();
        let families = families.flat_map(|family| family.collect());
        families.filter(|it| !it.get_metric().is_empty()).collect()
    }
}

struct Families {
    grants: IntGaugeVec,
    host_calls: IntCounterVec,
    requests: IntCounterVec,
    sent: IntCounterVec,
    received: IntCounterVec,
    denied: IntCounterVec,
    memory: IntGaugeVec,
    log_lines: IntCounterVec,
}

impl Families {
    fn new() -> prometheus::Result<Self> {
        let capability = [CONNECTOR, "capability"];
        let origin = [CONNECTOR, "origin"];
        let counter =
            |name, help, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels);
        let gauge = |name, help, labels: &[&str]| IntGaugeVec::new(Opts::new(name, help), labels);
        Ok(Self {
            grants: gauge(
                "tenon_grant_used",
                "Whether a grant was used since the host runs the connector.",
                &[CONNECTOR, "capability", "grant"],
            )?,
            host_calls: counter(
                "tenon_host_calls_total",
                "Calls of plugins into the host.",
                &capability,
            )?,
            requests: counter(
                "tenon_upstream_requests_total",
                "Requests of plugins to granted hosts.",
                &origin,
            )?,
            sent: counter(
                "tenon_upstream_sent_bytes_total",
                "Bytes of the bodies of these requests.",
                &origin,
            )?,
            received: counter(
                "tenon_upstream_received_bytes_total",
                "Bytes of the bodies that answered them.",
                &origin,
            )?,
            denied: counter(
                "tenon_denied_total",
                "What plugins tried and no grant allows.",
                &capability,
            )?,
            memory: gauge(
                "tenon_sandbox_memory_bytes_max",
                "The most linear memory a sandbox had.",
                &[CONNECTOR],
            )?,
            log_lines: counter(
                "tenon_log_lines_total",
                "Log lines of plugins.",
                &[CONNECTOR],
            )?,
        })
    }

    fn all(&self) -> [&dyn Collector; 8] {
        [
            &self.grants,
            &self.host_calls,
            &self.requests,
            &self.sent,
            &self.received,
            &self.denied,
            &self.memory,
            &self.log_lines,
        ]
    }

    fn fill(&self, id: &str, report: &Report) {
        for grant in &report.grants {
            let series = [id, &grant.capability, &grant.grant];
            let series = self.grants.with_label_values(&series);
            series.set(i64::from(grant.used));
        }
        for (interface, calls) in &report.host_calls {
            let series = self.host_calls.with_label_values(&[id, interface]);
            series.inc_by(*calls);
        }
        for http in &report.http {
            let series = [id, &http.origin];
            let requests = self.requests.with_label_values(&series);
            requests.inc_by(http.requests.times);
            self.sent.with_label_values(&series).inc_by(http.sent_bytes);
            let received = self.received.with_label_values(&series);
            received.inc_by(http.received_bytes);
        }
        for (interface, denied) in &report.denied {
            let series = self.denied.with_label_values(&[id, interface]);
            series.inc_by(denied.times);
        }
        let memory = i64::try_from(report.memory_bytes_max).unwrap_or(i64::MAX);
        self.memory.with_label_values(&[id]).set(memory);
        self.log_lines
            .with_label_values(&[id])
            .inc_by(report.log_lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::scratch;

    fn granted(bytes_max: Option<u64>) -> Arc<Grants> {
        Arc::new(Grants {
            scratch: bytes_max.map(|bytes_max| scratch::Grant {
                bytes_max,
                directory: std::env::temp_dir(),
            }),
            ..Grants::default()
        })
    }

    fn figures(usages: &Usages) -> String {
        let text = prometheus::TextEncoder::new();
        text.encode_to_string(&usages.collect()).unwrap()
    }

    #[test]
    fn a_reload_keeps_what_was_used_and_forgets_what_is_gone() {
        let usages = Usages::new().unwrap();
        let config = Values::default();
        let before = usages.of("a", &granted(Some(1)), &config);
        usages.of("b", &granted(None), &config);
        let series = r#"tenon_grant_used{capability="scratch",connector="a",grant="scratch"} 0"#;
        assert!(figures(&usages).contains(series), "{}", figures(&usages));
        assert!(Arc::ptr_eq(
            &before,
            &usages.of("a", &granted(Some(2)), &config)
        ));
        usages.retain(|id| id == "b");
        let text = figures(&usages);
        assert!(!text.contains("\"a\"") && text.contains("\"b\""), "{text}");
    }
}
