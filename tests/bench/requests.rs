//! `GET /storage/file` through the whole host: requests per second, CPU per
//! request and latency, for the plugin native, warm and fresh.

use std::time::Duration;

use crate::app::{self, FRESH, NATIVE, WARM};
use crate::summary::Summary;
use crate::{cpu, http, stats};

const VARIANTS: [&str; 3] = [NATIVE, WARM, FRESH];
/// Connections that saturate one serving thread.
const CONNECTIONS: usize = 16;
/// Long enough for some thousand requests, short enough to take turns often.
const TURN: Duration = Duration::from_millis(300);

#[derive(Debug, Default, Clone)]
struct Figures {
    per_second: Vec<f64>,
    cpu_us: Vec<f64>,
    latencies: Vec<f64>,
    ratio: Vec<f64>,
    cpu_ratio: Vec<f64>,
}

/// Measures both file sizes.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let app = app::start(1, Vec::new())?;
    let clients = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    for (file, size) in [("1k", 1 << 10), ("1m", 1 << 20)] {
        let figures = clients.block_on(measure(&app, file, size))?;
        print(file, figures.clone());
        record(summary, file, figures);
    }
    Ok(())
}

async fn measure(app: &app::App, file: &'static str, size: usize) -> anyhow::Result<Vec<Figures>> {
    let mut figures = vec![Figures::default(); VARIANTS.len()];
    for variant in VARIANTS {
        http::read(app.address, variant, file, size, CONNECTIONS, TURN).await?;
    }
    for _ in 0..stats::rounds() {
        let mut native = (0.0, 0.0);
        for (variant, figures) in VARIANTS.iter().zip(&mut figures) {
            let cpu_before = cpu::of_threads(app::THREAD);
            let load = http::read(app.address, variant, file, size, CONNECTIONS, TURN).await?;
            let cpu_used = cpu::of_threads(app::THREAD) - cpu_before;
            let cpu_us = cpu_used.as_secs_f64() * 1e6 / load.requests as f64;
            let per_second = load.per_second();
            if *variant == NATIVE {
                native = (per_second, cpu_us);
            }
            figures.per_second.push(per_second);
            figures.cpu_us.push(cpu_us);
            figures.ratio.push(per_second / native.0);
            figures.cpu_ratio.push(cpu_us / native.1);
            figures.latencies.extend(load.latencies);
        }
    }
    Ok(figures)
}

fn print(file: &str, figures: Vec<Figures>) {
    println!(
        "GET /storage/file, {file}, {CONNECTIONS} connections, one serving thread\n\
         {:8} {:>10} {:>7} {:>9} {:>7} {:>9} {:>9}",
        "", "req/s", "ratio", "CPU µs", "ratio", "p50 µs", "p99 µs"
    );
    for (variant, mut figures) in VARIANTS.iter().zip(figures) {
        println!(
            "{variant:8} {:>10.0} {:>7.2} {:>9.1} {:>7.2} {:>9.0} {:>9.0}",
            stats::median(&mut figures.per_second),
            stats::median(&mut figures.ratio),
            stats::median(&mut figures.cpu_us),
            stats::median(&mut figures.cpu_ratio),
            stats::percentile(&mut figures.latencies, 0.5),
            stats::percentile(&mut figures.latencies, 0.99),
        );
    }
    println!();
}

fn record(summary: &mut Summary, file: &str, figures: Vec<Figures>) {
    let names = match file {
        "1k" => [
            ("rds_read_1k_warm_ratio", "rds_read_1k_warm_cpu_us"),
            ("rds_read_1k_fresh_ratio", "rds_read_1k_fresh_cpu_us"),
        ],
        _ => [
            ("rds_read_1m_warm_ratio", "rds_read_1m_warm_cpu_us"),
            ("rds_read_1m_fresh_ratio", "rds_read_1m_fresh_cpu_us"),
        ],
    };
    for (mut figures, (ratio, cpu_us)) in figures.into_iter().skip(1).zip(names) {
        summary.add(ratio, stats::median(&mut figures.ratio));
        summary.add(cpu_us, stats::median(&mut figures.cpu_us));
    }
}
