//! The plugin over a real SQLite, run natively.

use serde_json::{Value, json};
use tenon_fakes::processing::Processing;
use tenon_sdk::Kind;

use super::Languages;

const TEXTS: [(&str, &str); 8] = [
    (
        "en",
        "The harbour was quiet that evening, and the boats lay still beside the wall.",
    ),
    (
        "de",
        "Der Hafen lag an diesem Abend still, und die Boote ruhten neben der Mauer.",
    ),
    (
        "fr",
        "Le port était calme ce soir-là, et les bateaux reposaient le long du mur.",
    ),
    (
        "es",
        "El puerto estaba tranquilo aquella tarde y los barcos descansaban junto al muro.",
    ),
    (
        "ru",
        "В тот вечер в гавани было тихо, и лодки стояли у стены.",
    ),
    ("ja", "その晩、港は静かで、船は壁のそばに停まっていた。"),
    (
        "el",
        "Το λιμάνι ήταν ήσυχο εκείνο το βράδυ και οι βάρκες έμεναν δίπλα στον τοίχο.",
    ),
    ("zh", "那天晚上港口很安静，船停在墙边。"),
];

#[test]
fn languages_are_told_apart() {
    let languages = Processing::<Languages>::default();
    for (lang, text) in TEXTS {
        let found = languages.process(lang, "{}", text.as_bytes()).unwrap();
        assert_eq!(found["lang"], lang, "{found}");
        assert_eq!(languages.column(&format!("/{lang}"), "uuid_ref"), [lang]);
        assert_eq!(languages.column(&format!("/uuid/{lang}"), "lang"), [lang]);
    }
    assert_eq!(languages.get("/tlh").status(), 204);
}

#[test]
fn metadata_wins_and_spares_the_text() {
    let languages = Processing::<Languages>::default();
    for metadata in [
        r#"{"lang": "nb"}"#,
        r#"{"language": " nb "}"#,
        r#"{"lang": 7, "language": "nb"}"#,
    ] {
        // Bytes that are no text are not even looked at.
        let found = languages.process("x", metadata, b"\xff\xfe").unwrap();
        assert_eq!(
            found,
            json!({"lang": "nb", "from": "metadata"}),
            "{metadata}"
        );
    }
}

#[test]
fn what_is_in_no_language_has_a_row_without_one() {
    let languages = Processing::<Languages>::default();
    for (uuid, text) in [
        ("a", ""),
        ("b", "12 345, 6.7"),
        ("c", "\u{feff}"),
        ("d", " \n\t"),
    ] {
        let found = languages.process(uuid, "{}", text.as_bytes()).unwrap();
        assert_eq!(found, json!({"lang": null}), "{text:?}");
        assert_eq!(
            languages.column(&format!("/uuid/{uuid}"), "lang"),
            [Value::Null]
        );
    }
}

#[test]
fn a_cut_never_divides_a_character() {
    let languages = Processing::<Languages>::default();
    let (_, german) = TEXTS[1];
    // Four bytes each, at every offset to the cut.
    for before in 0..4 {
        let text = format!("{}{german}{}", "x".repeat(before), "𝄞".repeat(5_000));
        let found = languages.process("x", "{}", text.as_bytes()).unwrap();
        assert_eq!(found["lang"], "de", "{before}: {found}");
    }
}

#[test]
fn what_is_not_utf_8_is_invalid() {
    let languages = Processing::<Languages>::default();
    let mut late = "Das ist ein Text. ".repeat(100).into_bytes();
    late.push(0xe4);
    let inside = [&b"caf"[..], b"\xe9", &[b' '; 20_000]].concat();
    // Latin-1, UTF-16, cut off within a character, and wrong at once.
    for text in [
        &b"caf\xe9 cr\xe8me"[..],
        b"\xff\xfeh\0i\0",
        b"na\xc3",
        &late,
        &inside,
    ] {
        let refused = languages.process("x", "{}", text).unwrap_err();
        assert_eq!(refused.kind(), Kind::Invalid, "{refused}");
    }
    assert!(languages.query("SELECT * FROM languages").is_empty());
}
