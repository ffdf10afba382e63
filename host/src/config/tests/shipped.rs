//! The configuration that is shipped, and the examples in its documents.

use super::*;

/// What is shipped, with a plugin under every name it uses.
pub(super) fn shipped(variables: &[(&str, &str)]) -> Result<Config, Problems> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime-config");
    let plugins = tempfile::tempdir().unwrap();
    for (name, roles) in [
        ("archive osf zenodo", &["repository"][..]),
        ("disk owncloud swift", &["file-store"]),
        ("redis embedded-kv", &["metadata-store"]),
        ("postgres sqlite", &["database", "message-log"]),
        (
            "sizes duplicates datatypes hashes thumbnails languages exif",
            &["processor", "resources"],
        ),
    ] {
        for name in name.split(' ') {
            let path = plugins.path().join(name).with_extension("wasm");
            fs::write(path, playing_all(roles, &[])).unwrap();
        }
    }
    let directory = plugins.path().to_str().unwrap().to_owned();
    let variable = move |name: &str| match name {
        // These make their directories where they are told to.
        "TENON_PLUGINS" | "TENON_ARCHIVE" | "TENON_SQAPI_DATA" => Some(directory.clone()),
        _ => {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    };
    Config::load_in(&shipped, &variable)
}

pub(super) fn ids(config: &Config) -> Vec<String> {
    config.connectors.iter().map(|c| c.id.to_string()).collect()
}

#[test]
fn shipped_configuration_passes() {
    let config = shipped(&[("HOME", "/root")]).unwrap();
    let ids = ids(&config);
    let rds: Vec<_> = ids.iter().filter(|id| id.starts_with("port-")).collect();
    assert_eq!(rds, ["port-archive", "port-disk"]);
    assert_eq!(ids.len(), 12, "{ids:?}");
    let misfits = &config.plugin_problems.misfits;
    assert!(misfits.is_empty(), "{misfits:?}");
    let pipelines = config.pipelines.iter();
    let pipelines: Vec<_> = pipelines.map(|it| it.settings.id.to_string()).collect();
    assert_eq!(pipelines, ["main"]);
    assert_eq!(config.warnings, []);
}

/// As the charts pass them: empty for what an operator leaves out.
pub(super) const CHART: &[(&str, &str)] = &[
    (
        "CENTRAL_SERVICE_TOKEN_STORAGE",
        "http://layer3-token-storage",
    ),
    (
        "USE_CASE_SERVICE_PORT_SERVICE",
        "http://layer2-port-service/port-service",
    ),
    ("RDS_OAUTH_REDIRECT_URI", "https://rds.example/"),
    ("OWNCLOUD_INSTALLATION_URL", "https://cloud.example"),
    ("OWNCLOUD_INTERNAL_INSTALLATION_URL", "http://cloud"),
    ("OWNCLOUD_OAUTH_CLIENT_ID", "id"),
    ("OWNCLOUD_OAUTH_CLIENT_SECRET", "secret"),
    ("SERVICENAME", "cloud-example"),
    ("ZENODO_ADDRESS", "https://sandbox.zenodo.org"),
    ("ZENODO_OAUTH_CLIENT_ID", "id"),
    ("ZENODO_OAUTH_CLIENT_SECRET", "secret"),
    ("ZENODO_DISPLAYNAME", ""),
    ("ZENODO_INFO_URL", ""),
    ("ZENODO_HELP_URL", ""),
    ("ZENODO_ICON", ""),
    ("ZENODO_METADATA_PROFILE", ""),
    ("ZENODO_PROJECT_LINK_TEMPLATE", ""),
    (
        "OPENSCIENCEFRAMEWORK_ADDRESS",
        "https://accounts.test.osf.io",
    ),
    (
        "OPENSCIENCEFRAMEWORK_API_ADDRESS",
        "https://api.test.osf.io/v2",
    ),
    ("OPENSCIENCEFRAMEWORK_OAUTH_CLIENT_ID", "id"),
    ("OPENSCIENCEFRAMEWORK_OAUTH_CLIENT_SECRET", "secret"),
    ("LOGLEVEL", "DEBUG"),
    ("VERIFY_SSL", "True"),
];

#[test]
fn shipped_configuration_takes_the_variables_of_the_charts() {
    let config = shipped(CHART).unwrap();
    let services = config.connectors.iter().filter_map(|connector| {
        let Frontend::Rds(rds) = &connector.frontend else {
            return None;
        };
        assert_eq!(rds.needs_credential, rds.registration.is_some());
        Some((rds.registration.clone()?, rds.hosts.clone()))
    });
    let services: Vec<_> = services.collect();
    let names: Vec<_> = services
        .iter()
        .map(|(registration, _)| registration.service.as_str())
        .collect();
    let expected = [
        "port-openscienceframework",
        "port-owncloud-cloud-example",
        "port-zenodo",
    ];
    assert_eq!(names, expected);
    for (registration, hosts) in &services {
        assert_eq!(hosts, &[format!("layer1-{}", registration.service)]);
    }
    assert_eq!(services[2].0.display_name, "");
    assert_eq!(services[1].0.display_name, "ownCloud");
}

#[test]
fn a_shipped_connector_is_not_registered_by_halves() {
    let problems = shipped(&[
        ("HOME", "/root"),
        (
            "CENTRAL_SERVICE_TOKEN_STORAGE",
            "http://layer3-token-storage",
        ),
        ("ZENODO_OAUTH_CLIENT_ID", "id"),
        ("ZENODO_OAUTH_CLIENT_SECRET", ""),
    ]);
    let problems = problems.unwrap_err().to_string();
    assert!(problems.contains("port-zenodo.toml"), "{problems}");
    assert!(
        problems.contains("ZENODO_OAUTH_CLIENT_SECRET"),
        "{problems}"
    );
}

/// The variables under a key of the example of a deployment's values.
pub(super) fn example(key: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime-config/helm/values.yaml");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().skip_while(|line| *line != format!("{key}:"));
    let lines = lines
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with(' '));
    let variable = |line: &str| {
        let line = line.trim_start_matches([' ', '-']);
        let (name, value) = line.split_once(": ").unwrap_or((line, "secret"));
        let value = value.trim_matches('"');
        (!line.is_empty() && !line.starts_with('#')).then(|| (name.to_owned(), value.to_owned()))
    };
    lines.filter_map(variable).collect()
}

#[test]
fn the_example_of_a_deployment_passes() {
    let variables = [example("environment"), example("secrets")].concat();
    let variables = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let config = shipped(&variables.collect::<Vec<_>>()).unwrap();
    let services = config.connectors.iter().filter_map(|connector| {
        let Frontend::Rds(rds) = &connector.frontend else {
            return None;
        };
        Some(format!("layer1-{}", rds.registration.as_ref()?.service))
    });
    let mut expected: Vec<_> = example("services")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    expected.sort();
    let mut services: Vec<_> = services.collect();
    services.sort();
    assert_eq!(services, expected);
    assert_eq!(services.len(), 3);
}
