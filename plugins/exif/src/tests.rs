//! The plugin over a real SQLite, run natively.

mod malformed;
mod tiff;

use serde_json::{Value, json};
use tenon_fakes::processing::Processing;
use tiff::{Tiff, gps};

use super::Exif;

/// A photograph with the notes of a camera, written by Pillow.
const HARBOUR: &[u8] = include_bytes!("../../../runtime-config/samples/harbour.jpg");

/// A column that holds JSON.
fn document(exif: &Processing<Exif>, uuid: &str, column: &str) -> Value {
    exif.column(&format!("/uuid/{uuid}"), column)[0].clone()
}

#[test]
fn what_a_camera_writes_is_kept() {
    let exif = Processing::<Exif>::default();
    let found = exif.process("x", "{}", HARBOUR).unwrap();
    assert_eq!(found["exif"], true);
    assert_eq!(found["gps"]["altitude"], 4.5);
    assert!(
        found["geohash"].as_str().unwrap().starts_with("u1x"),
        "{found}"
    );
    let fields = document(&exif, "x", "exif");
    for (name, value) in [
        ("Make", json!("Tenon")),
        ("Orientation", json!(6)),
        ("DateTime", json!("2026:05:17 20:41:07")),
        ("ExposureTime", json!(0.008)),
        ("FNumber", json!(2.8)),
        ("PhotographicSensitivity", json!(200)),
        ("GPSLatitudeRef", json!("N")),
    ] {
        assert_eq!(fields[name], value, "{name}: {fields}");
    }
    let gps = document(&exif, "x", "gps");
    assert!(
        (gps["latitude"].as_f64().unwrap() - 53.541_3).abs() < 1e-6,
        "{gps}"
    );
    assert!(
        (gps["longitude"].as_f64().unwrap() - 9.97).abs() < 1e-6,
        "{gps}"
    );
}

#[test]
fn hemispheres_turn_signs() {
    let exif = Processing::<Exif>::default();
    for (uuid, tiff, latitude, longitude) in [
        ("ne", gps("N", (10, 1), "E", (20, 1)), 10.0, 20.0),
        ("sw", gps("S", (10, 1), "W", (20, 1)), -10.0, -20.0),
        ("zero", gps("N", (0, 1), "E", (0, 1)), 0.0, 0.0),
    ] {
        let found = exif.process(uuid, "{}", &tiff).unwrap();
        assert_eq!(
            found["gps"],
            json!({"latitude": latitude, "longitude": longitude}),
            "{uuid}"
        );
    }
    assert_eq!(exif.column("/gps", "uuid"), ["ne", "sw", "zero"]);
    assert_eq!(exif.column("/gps?limit=1&offset=1", "uuid"), ["sw"]);
}

#[test]
fn a_place_that_is_none_is_left_out() {
    let exif = Processing::<Exif>::default();
    for (uuid, tiff) in [
        ("beyond", gps("N", (91, 1), "E", (20, 1))),
        ("no fix", gps("N", (0, 0), "E", (0, 0))),
        ("around", gps("N", (10, 1), "E", (181, 1))),
    ] {
        let found = exif.process(uuid, "{}", &tiff).unwrap();
        assert_eq!(
            (&found["exif"], &found["gps"], &found["geohash"]),
            (&json!(true), &json!(null), &json!(null)),
            "{uuid}"
        );
    }
    assert_eq!(exif.get("/gps").status(), 204);
    assert_eq!(exif.json("/").as_array().unwrap().len(), 3);
}

#[test]
fn places_are_found_by_the_beginning_of_their_geohash() {
    let exif = Processing::<Exif>::default();
    exif.process("x", "{}", HARBOUR).unwrap();
    exif.process("y", "{}", &gps("S", (10, 1), "W", (20, 1)))
        .unwrap();
    for prefix in ["u", "U1x", "u1x0"] {
        assert_eq!(
            exif.column(&format!("/gps/geohash/{prefix}"), "uuid"),
            ["x"],
            "{prefix}"
        );
    }
    // What LIKE takes for any character is a character here.
    for nothing in ["%25", "_1x", "u%25", "!", "%27", "u1x!%25"] {
        assert_eq!(
            exif.get(&format!("/gps/geohash/{nothing}")).status(),
            204,
            "{nothing}"
        );
    }
}

#[test]
fn a_picture_without_exif_is_said_to_have_none() {
    let exif = Processing::<Exif>::default();
    let jpeg = [
        &HARBOUR[..2],
        &b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\xff\xd9"[..],
    ]
    .concat();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82";
    for picture in [&jpeg[..], png, &Tiff::default().build()] {
        let found = exif.process("x", "{}", picture).unwrap();
        assert_eq!(found, json!({"exif": false}));
    }
    assert_eq!(exif.get("/").status(), 204);
    assert_eq!(exif.get("/uuid/x").status(), 204);
}

#[test]
fn a_message_that_comes_again_changes_its_row() {
    let exif = Processing::<Exif>::default();
    for _ in 0..2 {
        exif.process("x", "{}", HARBOUR).unwrap();
    }
    assert_eq!(exif.json("/").as_array().unwrap().len(), 1);
}
