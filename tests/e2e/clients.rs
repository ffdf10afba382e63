//! The client library of the contract's callers, in both generations of what
//! is underneath it, must raise wherever a body is not the whole file: the
//! callers store whatever it returns, without a look at the status.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use sha2::Digest as _;
use tenon_tests::artefact;
use tenon_tests::cloud::Cloud;
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, hostile, owncloud};

const SESSION: &str = "port-cloud://alice:tok3n";
const GENERATIONS: [(&str, &str); 2] = [("urllib3-1.26", "1.26."), ("urllib3-2", "2.")];

async fn start() -> (Cloud, Host) {
    let upstream = Cloud::start().await;
    let limits = "[limits]\nfirst_byte_ms = 3000\nprogress_window_ms = 3000\n";
    let cloud = owncloud(&upstream.url(), "owncloud", "Bearer {caller}") + limits;
    let setup = Setup::new()
        .connector("port-cloud", &cloud)
        .connector("port-hostile", &(hostile() + limits));
    let host = setup.start().await;
    (upstream, host)
}

/// The library reading one file.
struct Reader {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Reader {
    fn start(
        host: &Host,
        generation: (&str, &str),
        connector: &str,
        path: &str,
        user: &str,
    ) -> Self {
        let mut process = Command::new(artefact::python(generation.0))
            .arg(artefact::root().join("tests/e2e/clients/read.py"))
            .arg(format!("http://{}/storage/file", host.address()))
            .args([&format!("layer1-{connector}"), path, user])
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = process.stdout.take().unwrap();
        let mut reader = Self {
            process,
            lines: BufReader::new(stdout).lines(),
        };
        let version = reader.line();
        assert!(
            version.starts_with(&format!("urllib3 {}", generation.1)),
            "{version}"
        );
        reader
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }

    /// The head of the answer, if there is one, and what became of its body.
    fn end(mut self) -> (Option<String>, String) {
        let first = self.line();
        let ended = match first.strip_prefix("head ") {
            Some(status) => (Some(status.to_owned()), self.line()),
            None => (None, first),
        };
        assert!(self.process.wait().unwrap().success());
        ended
    }
}

fn read(
    host: &Host,
    generation: (&str, &str),
    connector: &str,
    path: &str,
    user: &str,
) -> (String, String) {
    let (status, ended) = Reader::start(host, generation, connector, path, user).end();
    (status.unwrap_or_default(), ended)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_the_whole_file_raises() {
    let (_upstream, host) = start().await;
    for generation in GENERATIONS {
        for (connector, path, user, status) in [
            // Refused before the first byte.
            ("port-cloud", "status-404.txt", SESSION, "404"),
            ("port-cloud", "status-401.txt", SESSION, "401"),
            ("port-cloud", "status-403.txt", SESSION, "403"),
            ("port-cloud", "status-503.txt", SESSION, "503"),
            ("port-cloud", "a.txt", "port-cloud://alice:", "401"),
            ("port-hostile", "trap", SESSION, "502"),
            ("port-none", "a.txt", "port-none://alice:tok3n", "404"),
            // No first byte in time.
            ("port-cloud", "silent.txt", SESSION, "504"),
            // The plugin ends half-way, one way or the other.
            ("port-hostile", "half-then-trap", SESSION, "200"),
            ("port-hostile", "half-then-trap sized", SESSION, "200"),
            ("port-hostile", "half-then-error", SESSION, "200"),
            ("port-hostile", "too-few", SESSION, "200"),
            // No more bytes in time, from the plugin and from the system.
            ("port-hostile", "half-then-wait", SESSION, "200"),
            ("port-cloud", "stall.bin", SESSION, "200"),
            // The system is lost half-way.
            ("port-cloud", "half.bin", SESSION, "200"),
        ] {
            let (found, ended) = read(&host, generation, connector, path, user);
            let case = format!("{} {connector} {path} {user}", generation.0);
            // A connection that breaks off at once may take the head with it.
            assert!(found == status || found.is_empty(), "{case}: {found}");
            assert!(ended.starts_with("raised "), "{case}: {ended}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_file_arrives_as_it_is() {
    let (upstream, host) = start().await;
    for generation in GENERATIONS {
        upstream.open_gate();
        let (status, ended) = read(&host, generation, "port-cloud", "gated.bin", SESSION);
        assert_eq!(status, "200");
        assert_eq!(ended, content(&Cloud::content()), "{}", generation.0);
        let (_, ended) = read(&host, generation, "port-hostile", "bytes 0", SESSION);
        assert_eq!(ended, content(b""));
        // A bare name gets a status to look at, and a body that ends.
        let (status, ended) = read(&host, generation, "port-cloud", "a.txt", "alice");
        assert_eq!(status, "401");
        assert!(ended.starts_with("content "), "{ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_killed_takes_the_file_with_it() {
    for generation in GENERATIONS {
        let (_upstream, mut host) = start().await;
        let mut reader = Reader::start(&host, generation, "port-cloud", "gated.bin", SESSION);
        assert_eq!(reader.line(), "head 200");
        host.kill();
        let (_, ended) = reader.end();
        assert!(ended.starts_with("raised "), "{}: {ended}", generation.0);
    }
}

fn content(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = sha2::Sha256::digest(bytes);
    let hex = digest.iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    });
    format!("content {} {hex}", bytes.len())
}
