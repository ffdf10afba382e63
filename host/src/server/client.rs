//! The client for the services of the installation, which are the operator's
//! own: they may live anywhere, and get no redirect followed, since requests
//! to them hold secrets.

use anyhow::Context as _;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, NoProxy, Proxy};

use crate::capability::http::ClientOptions;

/// Makes a proxy for the requests of some scheme.
type ProxyFor = fn(String) -> reqwest::Result<Proxy>;

/// A client with the settings that connectors have, too.
pub(super) fn build(options: &ClientOptions) -> anyhow::Result<Client> {
    let mut builder = Client::builder()
        .user_agent(concat!("tenon/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(options.idle_timeout)
        .pool_max_idle_per_host(options.idle_max)
        .tls_danger_accept_invalid_certs(!options.verify_tls)
        .no_proxy();
    let certificates = &options.certificates;
    if !certificates.extra.is_empty() {
        let extra = Certificate::from_pem_bundle(&certificates.extra).context("http.ca")?;
        builder = if certificates.only_extra {
            builder.tls_certs_only(extra)
        } else {
            builder.tls_certs_merge(extra)
        };
    }
    let proxies: [(&String, ProxyFor); 3] = [
        (&options.proxy.http, Proxy::http),
        (&options.proxy.https, Proxy::https),
        (&options.proxy.all, Proxy::all),
    ];
    for (address, proxy) in proxies {
        if !address.is_empty() {
            // The error may quote the address, and with it a password.
            let proxy = proxy(address.clone()).ok().context("a proxy's address")?;
            let direct = NoProxy::from_string(&options.proxy.none_for);
            builder = builder.proxy(proxy.no_proxy(direct));
        }
    }
    builder.build().context("a client for the RDS services")
}
