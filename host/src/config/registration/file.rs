//! Pictures and profiles, which a registration carries in base64.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::source::{Place, Section};

/// Far beyond an icon; the storage keeps it with every token.
const ICON_BYTES_MAX: u64 = 256 << 10;
/// The profiles in use have some 100 KiB.
const PROFILE_BYTES_MAX: u64 = 1 << 20;

/// Media type by the end of a file's name, and how such a file begins.
const PICTURES: [(&str, &str, &[u8]); 6] = [
    ("gif", "image/gif", b"GIF8"),
    ("ico", "image/x-icon", &[0, 0, 1, 0]),
    ("jpeg", "image/jpeg", &[0xff, 0xd8, 0xff]),
    ("jpg", "image/jpeg", &[0xff, 0xd8, 0xff]),
    ("png", "image/png", b"\x89PNG\r\n\x1a\n"),
    ("webp", "image/webp", b"RIFF"),
];
const SVG: (&str, &str) = ("svg", "image/svg+xml");

/// `icon`: the path of a picture, or its data as a URL.
pub(super) fn icon(section: &mut Section<'_>) -> Option<String> {
    let (place, text) = text(section, "icon")?;
    if text.starts_with("data:") {
        let is_data = is_data_url(&text);
        if !is_data {
            place.problem("expected `data:<type>;base64,` and base64");
        }
        return is_data.then_some(text);
    }
    let bytes = read(&place, &text, ICON_BYTES_MAX)?;
    let Some(media_type) = media_type(&text, &bytes) else {
        place.problem(format_args!(
            "{text}: no picture of a type known here: svg, png, jpg, gif, webp or ico"
        ));
        return None;
    };
    Some(format!(
        "data:{media_type};base64,{}",
        STANDARD.encode(bytes)
    ))
}

/// `metadata_profile`: the path of a JSON file.
pub(super) fn profile(section: &mut Section<'_>) -> Option<String> {
    let (place, text) = text(section, "metadata_profile")?;
    let bytes = read(&place, &text, PROFILE_BYTES_MAX)?;
    if serde_json::from_slice::<serde_json::Map<_, _>>(&bytes).is_err() {
        place.problem(format_args!("{text}: no JSON object"));
        return None;
    }
    Some(STANDARD.encode(bytes))
}

/// A text that charts may empty, which means none.
fn text<'c>(section: &mut Section<'c>, key: &'static str) -> Option<(Place<'c>, String)> {
    let entry = section.take(key)?;
    let place = entry.place.clone();
    let text = entry.text_or_empty().filter(|text| !text.is_empty())?;
    Some((place, text))
}

fn read(place: &Place<'_>, text: &str, bytes_max: u64) -> Option<Vec<u8>> {
    let path = place.reading.path(text);
    place.reading.watch(path.parent().unwrap_or(&path));
    let read = || {
        let size = fs::metadata(&path)?.len();
        if size > bytes_max {
            let message = format!("{size} bytes, more than {bytes_max}");
            return Err(std::io::Error::other(message));
        }
        fs::read(&path)
    };
    let bytes = place.check(read().map_err(|error| format!("{}: {error}", path.display())))?;
    place.reading.note("file", &bytes);
    Some(bytes)
}

fn media_type(path: &str, bytes: &[u8]) -> Option<&'static str> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    if extension == SVG.0 {
        let is_svg = bytes.windows(4).any(|window| window == b"<svg");
        return is_svg.then_some(SVG.1);
    }
    let known = |(end, _, begin): &&(_, _, &[u8])| *end == extension && bytes.starts_with(begin);
    let (_, media_type, _) = PICTURES.iter().find(known)?;
    Some(media_type)
}

fn is_data_url(text: &str) -> bool {
    let parts = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"));
    parts.is_some_and(|(media_type, data)| {
        let is_type = media_type.split_once('/').is_some_and(|(kind, rest)| {
            !kind.is_empty() && !rest.is_empty() && !rest.contains(',')
        });
        is_type && !data.is_empty() && STANDARD.decode(data).is_ok()
    })
}
