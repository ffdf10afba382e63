//! Languages by the three letters that Zenodo wants.

use tenon_ro_crate::{Entity, Value as Property};

/// ISO 639-1 and ISO 639-3 codes of the languages that deposits are written in.
const CODES: [(&str, &str); 46] = [
    ("af", "afr"),
    ("ar", "ara"),
    ("bg", "bul"),
    ("bn", "ben"),
    ("ca", "cat"),
    ("cs", "ces"),
    ("cy", "cym"),
    ("da", "dan"),
    ("de", "deu"),
    ("el", "ell"),
    ("en", "eng"),
    ("eo", "epo"),
    ("es", "spa"),
    ("et", "est"),
    ("eu", "eus"),
    ("fa", "fas"),
    ("fi", "fin"),
    ("fr", "fra"),
    ("ga", "gle"),
    ("gl", "glg"),
    ("he", "heb"),
    ("hi", "hin"),
    ("hr", "hrv"),
    ("hu", "hun"),
    ("id", "ind"),
    ("is", "isl"),
    ("it", "ita"),
    ("ja", "jpn"),
    ("ko", "kor"),
    ("la", "lat"),
    ("lt", "lit"),
    ("lv", "lav"),
    ("nl", "nld"),
    ("no", "nor"),
    ("pl", "pol"),
    ("pt", "por"),
    ("ro", "ron"),
    ("ru", "rus"),
    ("sk", "slk"),
    ("sl", "slv"),
    ("sq", "sqi"),
    ("sr", "srp"),
    ("sv", "swe"),
    ("tr", "tur"),
    ("uk", "ukr"),
    ("zh", "zho"),
];

/// The first language of the crate that has a code.
pub(super) fn of(root: Entity<'_>) -> Option<String> {
    root.values("inLanguage").find_map(|value| match value {
        Property::Text(tag) | Property::Reference(tag) => code(tag),
        Property::Entity(language) => ["alternateName", "identifier", "name"]
            .iter()
            .find_map(|property| language.texts(property).find_map(code))
            .or_else(|| code(language.id())),
    })
}

/// The code of a tag such as `en`, `eng` or `en-GB`.
fn code(tag: &str) -> Option<String> {
    let tag = tag.trim().to_ascii_lowercase();
    let primary = tag.split(['-', '_']).next()?;
    match primary.len() {
        2 => CODES
            .iter()
            .find(|(two, _)| *two == primary)
            .map(|(_, three)| (*three).to_owned()),
        3 if primary.bytes().all(|byte| byte.is_ascii_lowercase()) => Some(primary.to_owned()),
        _ => None,
    }
}
