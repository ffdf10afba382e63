//! A host within an RDS installation: it knows a token storage and a port
//! service.

use tenon_tests::setup::Setup;

/// A host's setup that points there.
pub fn setup(token_storage: &str, port_service: &str, more: &str) -> Setup {
    let setup = Setup::new()
        .variable("CENTRAL_SERVICE_TOKEN_STORAGE", token_storage)
        .variable("USE_CASE_SERVICE_PORT_SERVICE", port_service)
        .variable("CLIENT_SECRET", "tok3n-of-the-client");
    let path = setup.path("host.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let rds = "[rds]\ntoken_storage = { env = 'CENTRAL_SERVICE_TOKEN_STORAGE', default = '' }\n\
               port_service = { env = 'USE_CASE_SERVICE_PORT_SERVICE', default = '' }\n";
    setup.write("host.toml", &(text.replace("[rds]\n", rds) + more));
    setup
}
