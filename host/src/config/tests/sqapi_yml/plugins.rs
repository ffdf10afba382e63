//! Which plugins there are, and which of them run.

use super::*;

#[test]
fn media_types_of_main_and_plugin() {
    let accepts = |main: &str, plugin: &str| {
        let directory = deployment(main, &[("sizes", plugin)]);
        let mut settings = pipeline(&directory).settings;
        let accepts = settings.processors.remove(0).accepts.unwrap();
        accepts.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let main = "msg_broker:\n  supported_mime: [text/plain]\n";
    let all: [&str; 0] = [];
    assert_eq!(accepts("", ""), all);
    assert_eq!(accepts(main, ""), ["text/plain"]);
    assert_eq!(
        accepts(main, "msg_broker:\n  supported_mime: [image/png]\n"),
        ["image/png"]
    );
    // Nothing takes the place of an inherited list: all.
    assert_eq!(accepts(main, "msg_broker:\n  supported_mime:\n"), all);
    assert_eq!(accepts(main, "msg_broker:\n"), ["text/plain"]);
    assert_eq!(
        accepts("", "plugin:\n  mime_types: ['image/*', '*']\n"),
        ["image/*", "*/*"]
    );
}

#[test]
fn plugins_that_run() {
    let plugins = [
        ("sizes", ""),
        ("thumbnails", THUMBNAILS),
        ("lang_detect", ""),
    ];
    let runs = |main: &str, only: Option<&'static str>| {
        let mut directory = deployment(main, &plugins);
        directory
            .variables
            .extend(only.map(|only| ("PLUGIN", only)));
        let processors = pipeline(&directory).settings.processors;
        let runs = processors
            .into_iter()
            .map(|it| (it.name, it.connector.to_string()));
        runs.collect::<Vec<_>>()
    };
    let of = |names: &[&str]| -> Vec<_> {
        let name = |name: &&str| {
            (
                (*name).to_owned(),
                format!("main-{}", name.replace('_', "-")),
            )
        };
        names.iter().map(name).collect()
    };
    assert_eq!(runs("", None), of(&["lang_detect", "sizes", "thumbnails"]));
    assert_eq!(runs("active_plugins: [sizes]\n", None), of(&["sizes"]));
    assert_eq!(
        runs("active_plugins:\n", None),
        of(&["lang_detect", "sizes", "thumbnails"])
    );
    assert_eq!(
        runs("disabled_plugins: [sizes]\n", None),
        of(&["lang_detect", "thumbnails"])
    );
    // It outranks the list.
    assert_eq!(
        runs("active_plugins: [sizes]\n", Some("thumbnails")),
        of(&["thumbnails"])
    );
}

#[test]
fn without_folders_plugins_are_known_by_being_named() {
    let directory = deployment("active_plugins: [sizes]\n", &[]);
    directory.write(
        "sqapi/main.toml",
        b"sqapi_yml = 'sqapi.yml'\ndata_root = 'objects'\n",
    );
    assert_eq!(pipeline(&directory).settings.processors[0].name, "sizes");
}

#[test]
fn the_environment_names_the_files() {
    let mut directory = deployment("", &[]);
    directory.write(
        "sqapi/main.toml",
        b"sqapi_yml = 'environment'\ndata_root = 'objects'\n",
    );
    directory.write("work/sqapi/conf/sqapi.yml", b"msg_broker:\n  host: one\n");
    directory.write("work/sqapi/plugins/sizes/config.yml", b"");
    directory.write("other.yml", b"msg_broker:\n  host: two\n");
    directory.variables = vec![("WRK_DIR", "work"), ("LOG_FILE", "logging.conf")];
    assert_eq!(rabbitmq(&directory).host, "one");
    directory.variables.push(("CFG_FILE", "other.yml"));
    assert_eq!(rabbitmq(&directory).host, "two");
    let warnings = directory.load().unwrap().warnings;
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["LOG_FILE: means nothing: `[telemetry]` of host.toml says what is logged"]
    );
}

/// The native form, without a secret in it.
#[test]
fn converts_to_what_passes_by_itself() {
    let directory = deployment(SHIPPED, &[("thumbnails", THUMBNAILS)]);
    let root = directory.root.path();
    let import = Import {
        yml: root.join("sqapi.yml"),
        plugins: Some(root.join("deployed")),
        data_root: Some(root.join("objects")),
        name: "moved".to_owned(),
    };
    let converted = import.convert_in(&|_| None);
    let converted = converted.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(converted.variables, ["SQAPI_MOVED_DATABASE_PASSWORD"]);
    assert!(!format!("{converted:?}").contains("hunter2"));
    let mut native = deployment("", &[]);
    std::fs::remove_file(native.root.path().join("sqapi/main.toml")).unwrap();
    for (path, text) in &converted.files {
        native.write(path, text.as_bytes());
    }
    native.variables = vec![("SQAPI_MOVED_DATABASE_PASSWORD", "hunter2")];
    let config = native
        .load()
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.pipelines[0].settings.id.to_string(), "moved");
    assert_eq!(config.connectors.len(), 4);
}
