//! Where a picture was taken.

use exif::{Exif, In, Rational, Tag, Value};
use geohash::Coord;
use serde_json::{Value as Json, json};

/// Characters of a geohash. Twelve say a place to some centimetres, more than any camera knows.
const GEOHASH_CHARACTERS: usize = 12;

/// A place on earth, as WGS 84 has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
    /// Metres above the sea.
    altitude: Option<f64>,
}

impl Place {
    pub(crate) fn json(self) -> Json {
        let mut place = json!({"latitude": self.latitude, "longitude": self.longitude});
        if let (Some(place), Some(altitude)) = (place.as_object_mut(), self.altitude) {
            place.insert("altitude".to_owned(), altitude.into());
        }
        place
    }

    pub(crate) fn geohash(self) -> Option<String> {
        let place = Coord {
            x: self.longitude,
            y: self.latitude,
        };
        geohash::encode(place, GEOHASH_CHARACTERS).ok()
    }
}

/// The place that EXIF names; none where it names none, or one that is not on earth.
pub(crate) fn place(exif: &Exif) -> Option<Place> {
    let latitude = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S', 90.0)?;
    let longitude = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W', 180.0)?;
    Some(Place {
        latitude,
        longitude,
        altitude: altitude(exif),
    })
}

/// An angle of degrees, minutes and seconds, negative in the hemisphere called `negative`. A missing
/// hemisphere is the other one.
fn degrees(exif: &Exif, angle: Tag, hemisphere: Tag, negative: u8, most: f64) -> Option<f64> {
    let parts = rationals(exif, angle)?;
    let mut unit = 1.0;
    let mut degrees = 0.0;
    for part in parts.iter().take(3) {
        degrees += number(part)? / unit;
        unit *= 60.0;
    }
    if ascii(exif, hemisphere).is_some_and(|first| first.eq_ignore_ascii_case(&negative)) {
        degrees = -degrees;
    }
    (!parts.is_empty() && degrees.abs() <= most).then_some(degrees)
}

fn altitude(exif: &Exif) -> Option<f64> {
    let metres = number(rationals(exif, Tag::GPSAltitude)?.first()?)?;
    let below = exif
        .get_field(Tag::GPSAltitudeRef, In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        .is_some_and(|reference| reference % 2 == 1);
    Some(if below { -metres } else { metres })
}

fn rationals(exif: &Exif, tag: Tag) -> Option<&[Rational]> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(parts) => Some(parts),
        _ => None,
    }
}

/// The first letter of a text.
fn ascii(exif: &Exif, tag: Tag) -> Option<u8> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(lines) => lines.first()?.first().copied(),
        _ => None,
    }
}

/// A quotient; cameras without a fix write 0/0.
fn number(part: &Rational) -> Option<f64> {
    (part.denom != 0).then(|| part.to_f64())
}
