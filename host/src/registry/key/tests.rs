use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// `openssl ecparam -genkey -name prime256v1`, made for this test.
const SEC1: &str = "\
-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIG6L8U77NGp8dhfZ0Cs/AUWpRIMwiScMq0vFPUuBozeOoAoGCCqGSM49
AwEHoUQDQgAEc9q/Hwq75LKJcbTKolY+15Lr6M6nPwD244nC5lFnUbHx5W431hSL
C5ooN5o/5nBuyfu9EUjAEtxdZ7j9gA36+A==
-----END EC PRIVATE KEY-----
";
/// The same through `openssl pkcs8 -topk8 -nocrypt`.
const PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbovxTvs0anx2F9nQ
Kz8BRalEgzCJJwyrS8U9S4GjN46hRANCAARz2r8fCrvksolxtMqiVj7Xkuvozqc/
APbjicLmUWdRsfHlbjfWFIsLmig3mj/mcG7J+70RSMAS3F1nuP2ADfr4
-----END PRIVATE KEY-----
";
/// `openssl pkey -pubout`.
const PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEc9q/Hwq75LKJcbTKolY+15Lr6M6n
PwD244nC5lFnUbHx5W431hSLC5ooN5o/5nBuyfu9EUjAEtxdZ7j9gA36+A==
-----END PUBLIC KEY-----
";
/// A public key of P-384.
const OTHER_CURVE: &str = "\
-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEHv4jNZreMeLVcfAP9waZu8X2kMBQB1ja
bWNY+yaaobmCWXEI+FN6wqgdePltZb7GLlq8vwjE1vIWT8r8TIzID8QNnDInSjFB
TqmuJZRRT3zS8efhlcKubnl8zKo56RH0
-----END PUBLIC KEY-----
";
/// What `openssl dgst -sha256 -sign` made of `payload`, with a small second
/// half and with a large one: both forms are in use.
const SIGNATURES: [&str; 2] = [
    "MEQCIEM8aTVOYaY+wfV30ql/QqDuE4pF1w26lx0HoxKR0+G5AiBdzMObbJTItXPMLJOBCiYAXS9KHIXHpo3tPjEowiQhdg==",
    "MEUCIA8T8sVFc1g8jIsMtrdw0bN8r29MzglHMcXZZ7eszL4QAiEAjiqJT35wnkz2h/UASHR6/M9LbSY/Wtoj/5suPabpd+Q=",
];

#[test]
fn verifies_what_openssl_signed() {
    let key = VerifyingKey::from_pem(PUBLIC).unwrap();
    for signature in SIGNATURES {
        let mut signature = STANDARD.decode(signature).unwrap();
        assert!(key.has_signed(b"payload", &signature));
        assert!(!key.has_signed(b"payloaf", &signature));
        *signature.last_mut().unwrap() ^= 1;
        assert!(!key.has_signed(b"payload", &signature));
    }
    assert!(!key.has_signed(b"payload", b""));
}

#[test]
fn both_forms_of_a_private_key_are_the_same_key() {
    let public = VerifyingKey::from_pem(PUBLIC).unwrap();
    for text in [SEC1, PKCS8] {
        let key = SigningKey::from_pem(text).unwrap();
        assert_eq!(key.verifying_key(), public);
        assert!(public.has_signed(b"payload", &key.sign(b"payload")));
        assert_eq!(format!("{key:?}"), "SigningKey { .. }");
    }
}

#[test]
fn says_why_a_file_is_no_key() {
    let check = |text: &str, expected: KeyError| {
        assert_eq!(SigningKey::from_pem(text).unwrap_err(), expected, "{text}");
    };
    for label in COSIGN_LABELS {
        check(&PKCS8.replace("PRIVATE KEY", label), KeyError::Cosign);
    }
    let encrypted = PKCS8.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    check(&encrypted, KeyError::Encrypted);
    check(PUBLIC, KeyError::NotPrivate);
    check("", KeyError::NotPrivate);
    for text in [OTHER_CURVE, PKCS8, SEC1, "", "-----BEGIN PUBLIC KEY-----"] {
        let refused = VerifyingKey::from_pem(text).unwrap_err();
        assert_eq!(refused, KeyError::NotPublic, "{text}");
    }
}
