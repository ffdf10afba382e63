//! Whom a connector's client believes.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::options::{Certificates, ClientError, ClientOptions};

/// Protocols offered, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The TLS side of a client. Where nothing `secure` is granted it costs no
/// memory for authorities.
pub(super) fn config(options: &ClientOptions, secure: bool) -> Result<ClientConfig, ClientError> {
    if !options.verify_tls {
        tracing::warn!(
            "certificates are NOT verified: anybody on the way can read and change what is sent"
        );
    }
    let mut config = build(&options.certificates, options.verify_tls, secure)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

/// The TLS side of a client that speaks another protocol than HTTP.
pub(in crate::capability) fn plain(
    certificates: &Certificates,
    verify: bool,
) -> Result<ClientConfig, ClientError> {
    build(certificates, verify, verify)
}

fn build(
    certificates: &Certificates,
    verify: bool,
    secure: bool,
) -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Certificates(error.to_string()))?;
    let builder = if verify {
        builder.with_root_certificates(roots(certificates, secure)?)
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
    };
    Ok(builder.with_no_client_auth())
}

fn roots(certificates: &Certificates, secure: bool) -> Result<Arc<RootCertStore>, ClientError> {
    let platform = if secure && !certificates.only_extra {
        platform_roots()
    } else {
        Arc::new(RootCertStore::empty())
    };
    if certificates.extra.is_empty() && !certificates.only_extra {
        return Ok(platform);
    }
    let mut roots = RootCertStore::clone(&platform);
    for certificate in CertificateDer::pem_slice_iter(&certificates.extra) {
        let certificate =
            certificate.map_err(|error| ClientError::Certificates(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| ClientError::Certificates(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(ClientError::Certificates("there is none".into()));
    }
    Ok(Arc::new(roots))
}

/// What the platform trusts: read once, shared by all connectors.
fn platform_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a certificate of the platform cannot be read");
        }
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            tracing::warn!("the platform trusts no certificate authority: HTTPS will fail");
        }
        Arc::new(roots)
    };
    ROOTS.get_or_init(read).clone()
}

/// Believes any certificate, though still only what its holder has signed.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
