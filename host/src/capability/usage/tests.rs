use std::path::Path;

use wasmtime::component::ResourceTable;

use super::*;
use crate::bindings::secret as secret_host;
use crate::bindings::{config as config_host, files as files_host, scratch as scratch_host};
use crate::capability::call::{Context, Meter};
use crate::capability::files::{Access, Root as FilesRoot};
use crate::capability::http::{AddressPolicy, ClientOptions, Grant, Grants as HttpGrants};
use crate::capability::{Io, files, scratch, secret};

/// Two hosts, two roots, two secrets, and temporary space.
fn grants(folder: &Path) -> Grants {
    let origin = |text: &str, credential: &str| Grant {
        origin: text.parse().unwrap(),
        addresses: AddressPolicy::Public,
        credentials: [(credential.to_owned(), "Bearer {key}".parse().unwrap())].into(),
    };
    let origins = vec![
        origin("https://used.example", "login"),
        origin("https://*.spare.example", "other"),
    ];
    let root = |access| FilesRoot::open(folder, access, Io::Inline).unwrap();
    let mut grants = Grants {
        http: HttpGrants::new(origins, &ClientOptions::default()).unwrap(),
        scratch: Some(scratch::Grant {
            bytes_max: 1000,
            directory: std::env::temp_dir(),
        }),
        ..Grants::default()
    };
    grants
        .files
        .0
        .insert("data".into(), root(Access::ReadWrite));
    grants.files.0.insert("more".into(), root(Access::ReadOnly));
    for (name, reveal) in [("key", true), ("spare", false)] {
        let value = "v4lue".into();
        let secret = secret::Secret { value, reveal };
        grants.secrets.secrets.insert(name.into(), secret);
    }
    grants
}

struct Connector {
    folder: tempfile::TempDir,
    context: Arc<Context>,
    grants: Grants,
    config: config::Values,
    usage: Arc<Usage>,
    table: ResourceTable,
}

impl Connector {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
        let grants = grants(folder.path());
        let config = ["url", "root"].map(|key| (key.to_owned(), String::new()));
        let config = Arc::new(config.into());
        Self {
            folder,
            context: Arc::new(Context::new("r".into(), "c".into())),
            usage: Usage::new(&grants, &config),
            grants,
            config,
            table: ResourceTable::new(),
        }
    }

    fn files(&mut self) -> files::View<'_> {
        files::View {
            context: &self.context,
            grants: &self.grants.files,
            usage: &self.usage,
            table: &mut self.table,
        }
    }

    fn report(&self) -> Report {
        self.usage.report(&self.grants)
    }

    fn unused(&self) -> Vec<String> {
        let report = self.report();
        let named = report.unused();
        let named = named.map(|grant| format!("{} {}", grant.capability, grant.grant));
        named.collect()
    }
}

#[test]
fn nothing_is_used_at_first() {
    let connector = Connector::new();
    let report = connector.report();
    assert!(report.grants.iter().all(|grant| !grant.used));
    assert_eq!(
        connector.unused(),
        [
            "http https://used.example:443",
            "http.credentials https://used.example:443 login",
            "http https://*.spare.example:443",
            "http.credentials https://*.spare.example:443 other",
            "secrets key",
            "secrets.reveal key",
            "secrets spare",
            "files data",
            "files.write data",
            "files more",
            "scratch scratch",
        ]
    );
    assert_eq!(report.calls, Use::default());
}

#[test]
fn roots_tell_looking_reading_and_writing_apart() {
    use files_host::Host as _;
    let mut connector = Connector::new();
    let mut view = connector.files();
    view.stat("data".into(), "a.txt".into()).unwrap();
    view.list("data".into(), String::new(), None, 10).unwrap();
    view.open("data".into(), "a.txt".into(), 0).unwrap();
    // What fails was used all the same.
    view.stat("data".into(), "missing".into()).unwrap_err();
    let report = connector.report();
    let data = &report.files[0];
    assert_eq!((data.reads.times, data.opens.times), (3, 1));
    assert_eq!((data.writes, data.may_write), (Use::default(), true));
    let unused = connector.unused();
    assert!(!unused.contains(&"files data".to_owned()), "{unused:?}");
    assert!(
        unused.contains(&"files.write data".to_owned()),
        "{unused:?}"
    );

    let mut view = connector.files();
    view.create_folder("data".into(), "sub".into()).unwrap();
    view.create_folder("more".into(), "sub2".into())
        .unwrap_err();
    view.stat("no-such-root".into(), "a".into()).unwrap_err();
    let report = connector.report();
    assert_eq!(report.files[0].writes.times, 1);
    assert_eq!(report.files[1].writes.times, 0);
    assert_eq!(report.denied["files"].times, 2);
    assert_eq!(connector.context.meter.host_calls().total(), 7);
    assert!(!connector.folder.path().join("sub2").exists());
}

#[test]
fn a_key_is_read_or_not() {
    use config_host::Host as _;
    let connector = Connector::new();
    let mut view = config::View {
        values: &connector.config,
        usage: &connector.usage,
    };
    view.get("url".into()).unwrap();
    view.get("no-such-key".into()).unwrap();
    let report = connector.report();
    let read = report.config.iter().map(|key| (&*key.key, key.reads.times));
    assert_eq!(read.collect::<Vec<_>>(), [("root", 0), ("url", 1)]);
}

#[test]
fn a_secret_is_placed_or_revealed() {
    use secret_host::Host as _;
    let connector = Connector::new();
    let mut placeholders = secret::Placeholders::default();
    let mut view = secret::View {
        context: &connector.context,
        grants: &connector.grants,
        placeholders: &mut placeholders,
        usage: &connector.usage,
    };
    view.reveal("key".into()).unwrap();
    view.reveal("spare".into()).unwrap_err();
    view.placeholder("key".into()).unwrap_err();
    view.placeholder("login".into()).unwrap();
    let report = connector.report();
    let key = &report.secrets[0];
    assert_eq!((key.revealed.times, key.placed.times), (1, 0));
    assert_eq!(report.denied["secret"].times, 2);
    // Asking for a placeholder uses nothing; putting the secret in its place does.
    let template = "Bearer {key}".parse().unwrap();
    connector.usage.place(0, "login", &template);
    let report = connector.report();
    assert_eq!(report.secrets[0].placed.times, 1);
    assert_eq!(report.http[0].credentials[0].placed.times, 1);
    assert_eq!(report.http[1].credentials[0].placed.times, 0);
}

#[test]
fn temporary_space_remembers_its_highest_level() {
    use scratch_host::{Host as _, HostFile as _};
    use wasmtime::component::Resource;
    let mut connector = Connector::new();
    for bytes in [300, 200] {
        let used = Arc::default();
        let mut view = scratch::View {
            context: &connector.context,
            grant: connector.grants.scratch.as_ref(),
            used: &used,
            usage: &connector.usage,
            table: &mut connector.table,
        };
        let file = view.create().unwrap();
        let stream = view.append(Resource::new_borrow(file.rep())).unwrap();
        let stream = connector.table.get_mut(&stream).unwrap();
        stream.write(vec![0; bytes].into()).unwrap();
    }
    let scratch = connector.report().scratch.unwrap();
    assert_eq!((scratch.bytes_used_max, scratch.files.times), (300, 2));
    assert_eq!(scratch.bytes_max, 1000);
}

#[test]
fn refused_hosts_are_few_and_printable() {
    let connector = Connector::new();
    let ask = |uri: String| connector.usage.refuse(&uri.parse().unwrap());
    for nth in 0..100 {
        ask(format!("https://Host-{nth}.example:8443/path?secret=1"));
    }
    ask("http://u:p@host-99.example/".to_owned());
    ask("https://host-99.example:8443/again".to_owned());
    ask(format!("http://{}/", "x".repeat(60_000)));
    let report = connector.report();
    assert_eq!(report.denied["http"].times, 103);
    assert_eq!(report.refused_hosts.len(), 16);
    assert_eq!(report.refused_hosts[0].origin.len(), 280);
    assert_eq!(
        report.refused_hosts[1].origin,
        "https://host-99.example:8443"
    );
    assert_eq!(report.refused_hosts[1].times, 2);
    assert_eq!(report.refused_hosts[2].origin, "http://host-99.example");
    let text = serde_json::to_string(&report).unwrap();
    assert!(
        !text.contains("secret=1") && !text.contains("u:p"),
        "{text}"
    );
}

#[test]
fn a_call_adds_its_figures_and_an_observer_sees_them() {
    let connector = Connector::new();
    let (sender, receiver) = std::sync::mpsc::sync_channel(8);
    connector.usage.observe(move |figures| {
        sender.send(figures.clone()).unwrap();
    });
    let meter = Meter::default();
    meter.count(Interface::Files);
    meter.count(Interface::Files);
    meter.count(Interface::Wasi);
    meter.add_moved(5);
    meter.set_memory(65536);
    meter.add_logged(10);
    let ms = std::time::Duration::from_millis;
    let figures = Figures::new("file-store.stat", "ok", ms(12), ms(4), &meter);
    connector.usage.ended(&figures);
    connector.usage.ended(&figures);
    assert_eq!(
        receiver.try_iter().collect::<Vec<_>>(),
        [figures.clone(), figures.clone()]
    );
    let report = connector.report();
    assert_eq!((report.calls.times, report.cpu_ms), (2, 8));
    assert_eq!((report.memory_bytes_max, report.log_lines), (65536, 2));
    assert_eq!(
        report.host_calls,
        [("files".to_owned(), 4), ("wasi".to_owned(), 2)].into()
    );
    let written = serde_json::to_value(&figures).unwrap();
    assert_eq!(
        written["host_calls"],
        serde_json::json!({"files": 2, "wasi": 1})
    );
    assert_eq!(
        (&written["wall_us"], &written["moved_bytes"]),
        (&12_000.into(), &5.into())
    );
}

#[test]
fn imports_that_are_never_called_stand_out() {
    use files_host::Host as _;
    let mut connector = Connector::new();
    let imports = [
        "tenon:connector/files@0.1.0",
        "tenon:connector/secret@0.1.0",
        "tenon:connector/log@0.1.0",
        "wasi:http/outgoing-handler@0.2.12",
        "wasi:io/streams@0.2.12",
    ];
    _ = connector
        .files()
        .stat("data".into(), "a.txt".into())
        .unwrap();
    let meter = &connector.context.meter;
    let figures = Figures::new("x", "ok", Default::default(), Default::default(), meter);
    connector.usage.ended(&figures);
    assert_eq!(
        connector.report().never_called(imports),
        [
            "tenon:connector/secret@0.1.0",
            "wasi:http/outgoing-handler@0.2.12"
        ]
    );
}

#[test]
fn other_grants_keep_the_counts_of_those_that_stay() {
    use files_host::Host as _;
    let mut connector = Connector::new();
    _ = connector
        .files()
        .stat("data".into(), "a.txt".into())
        .unwrap();
    _ = connector.usage.request(0);
    let same = connector
        .usage
        .renewed(&connector.grants, &connector.config);
    assert!(Arc::ptr_eq(&same, &connector.usage));

    let mut fewer = grants(connector.folder.path());
    fewer.files.0.remove("more");
    let renewed = connector.usage.renewed(&fewer, &connector.config);
    assert!(!Arc::ptr_eq(&renewed, &connector.usage));
    // A call that began before ends after.
    _ = connector
        .files()
        .stat("data".into(), "a.txt".into())
        .unwrap();
    connector.usage.deny(Interface::Files);
    let report = renewed.report(&fewer);
    assert_eq!(report.files.len(), 1);
    assert_eq!(report.files[0].reads.times, 2);
    assert_eq!(report.http[0].requests.times, 1);
    assert_eq!(report.denied["files"].times, 1);
    // What it was not made for counts nothing, and breaks nothing.
    renewed.read("more");
    assert_eq!(
        renewed.report(&connector.grants).files[1].reads,
        Use::default()
    );
}
