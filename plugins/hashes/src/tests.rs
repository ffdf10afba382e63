//! The plugin over a real SQLite, run natively. The digests are those of md5sum, sha1sum and sha256sum.

use serde_json::json;
use tenon_fakes::processing::Processing;
use tenon_sdk::Kind;

use super::Hashes;

#[test]
fn digests_are_those_of_other_tools() {
    let empty = json!({
        "md5": "d41d8cd98f00b204e9800998ecf8427e",
        "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    });
    let hello = json!({
        "md5": "5d41402abc4b2a76b9719d911017c592",
        "sha1": "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    });
    let hashes = Processing::<Hashes>::default();
    assert_eq!(hashes.process("a", "{}", b"").unwrap(), empty);
    assert_eq!(hashes.process("b", "no JSON", b"hello").unwrap(), hello);
}

#[test]
fn pieces_make_no_difference() {
    let data: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let whole = Processing::<Hashes>::default()
        .process("a", "{}", &data)
        .unwrap();
    for size in ["1024", "1025", "4194304"] {
        let hashes = Processing::<Hashes>::new(&[("chunk_size", size)]);
        assert_eq!(hashes.process("a", "{}", &data).unwrap(), whole, "{size}");
    }
}

#[test]
fn objects_are_found_by_each_digest() {
    let hashes = Processing::<Hashes>::default();
    for (uuid, data) in [
        ("a", "hello"),
        ("b", "other"),
        ("c", "hello"),
        ("a", "hello"),
    ] {
        hashes.process(uuid, "{}", data.as_bytes()).unwrap();
    }
    for path in [
        "/md5/5d41402abc4b2a76b9719d911017c592",
        "/sha1/AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D",
        "/sha256/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    ] {
        assert_eq!(hashes.column(path, "uuid"), ["a", "c"], "{path}");
        assert_eq!(
            hashes.column(&format!("{path}?limit=1&offset=1"), "uuid"),
            ["c"]
        );
    }
    assert_eq!(
        hashes.column("/uuid/b", "md5"),
        ["795f3202b17cb6bc3d4b771d8c6c9eaf"]
    );
    assert_eq!(hashes.get("/md5/none").status(), 204);
    assert_eq!(hashes.get("/md5/none?limit=-1").status(), 400);
}

#[test]
fn a_chunk_that_is_no_number_is_refused() {
    let hashes = Processing::<Hashes>::default();
    assert!(hashes.process("a", "{}", b"").is_ok());
    let environment = tenon_sdk::native::Environment::builder().config("chunk_size", "many");
    let refused = environment
        .build()
        .enter(<Hashes as tenon_sdk::lifecycle::Plugin>::new);
    assert_eq!(refused.unwrap_err().kind(), Kind::Invalid);
}
