//! Data, metadata and databases of an `sqapi.yml`.

use super::*;

fn connector(directory: &Directory, name: &str) -> Connector {
    let config = directory.load();
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    let mut connectors = config.connectors.into_iter();
    connectors.find(|it| it.id.name() == name).unwrap()
}

#[test]
fn files_below_one_folder_alone() {
    let directory = deployment("", &[("sizes", "")]);
    let data = connector(&directory, "main-data");
    assert_eq!(data.values["root"], "data");
    assert_eq!(data.grants.files.0.len(), 1);
    // Named in the YAML itself.
    directory.write(
        "sqapi/main.toml",
        b"sqapi_yml = 'sqapi.yml'\nplugins_directory = 'deployed'\n",
    );
    directory.write("sqapi.yml", b"data_store: {root: deployed}\n");
    let root = directory.root.path().join("deployed");
    assert_eq!(
        pipeline(&directory).settings.data_root.as_deref(),
        root.to_str()
    );
    directory.write("sqapi.yml", b"data_store: {type: disk}\n");
    assert_eq!(
        directory.problems(),
        [
            "sqapi.yml:1:1: data_store: `disk` reads no file outside of one folder: name it, as `data_store.root` or as `data_root` in the pipeline's own file"
        ]
    );
}

const SWIFT: &str = "\
data_store:
  type: swift
  auth_url: 'https://keystone.example:5000/v3'
  auth_version: 3
  access_key_id: 'tester'
  secret_access_key: 'hunter2'
  storage_origin: 'https://objects.example'
  os_options:
    user_domain_name: Users
    project_domain_name: Projects
    project_name: p
  insecure: 'false'
  containers:
";

#[test]
fn swift_with_either_form_of_containers() {
    for containers in ["  - one\n  - two\n", "  - name: one\n  - {name: two}\n"] {
        let directory = deployment(&format!("{SWIFT}{containers}"), &[("sizes", "")]);
        let data = connector(&directory, "main-data");
        assert_eq!(data.values["containers"], r#"["one","two"]"#);
        assert_eq!(data.values["user"], "tester");
        assert_eq!(data.values["auth_version"], "3");
        assert_eq!(data.values["user_domain_name"], "Users");
        assert_eq!(data.values["project_name"], "p");
        let key = &data.grants.secrets.secrets["key"];
        assert_eq!(key.value.expose_secret(), "hunter2");
        assert_eq!(
            format!("{:?}", data.grants.http),
            r#"["https://objects.example:443", "https://keystone.example:5000"]"#
        );
        let config = directory.load().unwrap();
        assert_eq!(config.warnings, []);
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}

#[test]
fn insecure_is_a_boolean_and_does_not_go_unnoticed() {
    let yml = SWIFT.replace("'false'", "yes");
    let directory = deployment(&yml, &[("sizes", "")]);
    let config = directory.load().unwrap();
    let [warning] = &config.warnings[..] else {
        panic!("{:?}", config.warnings)
    };
    assert_eq!((warning.line, warning.column), (Some(12), Some(13)));
    assert!(warning.message.contains("certificates are verified"));
}

#[test]
fn redis_with_what_sqapi_has_no_keys_for() {
    let meta = |yml: &str| {
        let directory = deployment(yml, &[("sizes", "")]);
        let kv = format!("{:?}", connector(&directory, "main-meta").grants.kv);
        assert!(kv.contains("Redis") && !kv.contains("hunter2"), "{kv}");
        let import = Import {
            yml: directory.root.path().join("sqapi.yml"),
            plugins: Some(directory.root.path().join("deployed")),
            data_root: Some(directory.root.path().join("objects")),
            name: "main".to_owned(),
        };
        let files = import.convert_in(&|_| None).unwrap().files;
        let mut files = files.into_iter();
        let (_, text) = files
            .find(|(path, _)| path.ends_with("-meta.toml"))
            .unwrap();
        text.parse::<toml::Table>().unwrap()["grants"]["kv"][0].clone()
    };
    let plain = meta("meta_store:\n");
    assert_eq!(plain["host"].as_str(), Some("localhost"));
    let full = meta(
        "meta_store: {type: redis, host: cache, port: '6380', db: 2, username: ann, \
         password: hunter2, tls: yes, timeout: 0.5}\n",
    );
    assert_eq!(full["host"].as_str(), Some("cache"));
    assert_eq!(full["port"].as_integer(), Some(6380));
    assert_eq!(full["database"].as_integer(), Some(2));
    assert_eq!(full["username"].as_str(), Some("ann"));
    assert_eq!(
        full["password"].as_str(),
        Some("env:SQAPI_MAIN_REDIS_PASSWORD")
    );
    assert_eq!(full["tls"].as_bool(), Some(true));
    assert_eq!(full["timeout_ms"].as_integer(), Some(500));
}

const OTHER: &str = "\
database:
  init: 'scripts/init.sql'
  connection: {host: other, password: hunter3}
";

/// One level deep: what a plugin says of its connection takes the place of the
/// whole. sqAPI contract, section 4.1.
#[test]
fn a_plugin_has_the_main_database_or_its_own() {
    let plugins = [
        ("sizes", "database: {init: scripts/init.sql}\n"),
        ("thumbnails", OTHER),
    ];
    let directory = deployment(SHIPPED, &plugins);
    directory.write("deployed/thumbnails/scripts/init.sql", b"SELECT 1");
    let config = directory
        .load()
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        names(&config),
        [
            "main-data",
            "main-meta",
            "main-database",
            "main-sizes",
            "main-thumbnails-database",
            "main-thumbnails",
        ]
    );
    let database = |name: &str| {
        let connector = config.connectors.iter().find(|it| it.id.name() == name);
        connector
            .unwrap()
            .grants
            .database
            .clone()
            .unwrap()
            .connector
    };
    assert_eq!(database("main-sizes"), "main-database");
    assert_eq!(database("main-thumbnails"), "main-thumbnails-database");
    let [sizes, thumbnails] = &config.pipelines[0].settings.processors[..] else {
        panic!("two")
    };
    // It makes its own tables; a script that is not there is no mistake.
    assert_eq!(sizes.init, None);
    let init = thumbnails.init.as_ref().unwrap();
    assert_eq!(init.script, "SELECT 1");
    assert_eq!(init.database.to_string(), "main-thumbnails-database");
    assert!(!format!("{config:?}").contains("hunter3"));
}

#[test]
fn scripts_are_looked_up_where_sqapi_works_first() {
    let mut directory = deployment("database: {init: init.sql}\n", &[("sizes", "")]);
    directory.write("deployed/sizes/init.sql", b"of the plugin");
    let init = |directory: &Directory| {
        let processor = pipeline(directory).settings.processors.remove(0);
        processor.init.unwrap().script
    };
    assert_eq!(init(&directory), "of the plugin");
    directory.write("work/init.sql", b"of the folder");
    directory.variables.push(("WRK_DIR", "work"));
    assert_eq!(init(&directory), "of the folder");
}

/// Plugins share the database that takes the place of the YAML's.
#[test]
fn a_database_of_the_pipelines_own() {
    let plugins = [("sizes", ""), ("thumbnails", OTHER)];
    let directory = deployment(SHIPPED, &plugins);
    directory.write(
        "sqapi/main.toml",
        b"sqapi_yml = 'sqapi.yml'\nplugins_directory = 'deployed'\ndata_root = 'objects'\n\
          database = 'mine'\n",
    );
    let mine = "frontend = 'sqapi'\nplugin = 'postgres'\n";
    directory.write("connectors/mine.toml", mine.as_bytes());
    assert_eq!(pipeline(&directory).settings.database.to_string(), "mine");
    let database = |name: &str| connector(&directory, name).grants.database.clone().unwrap();
    assert_eq!(database("main-sizes").connector, "mine");
    assert_eq!(
        database("main-thumbnails").connector,
        "main-thumbnails-database"
    );
}
