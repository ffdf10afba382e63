//! The plugin over a real SQLite, run natively.

mod malformed;
mod orientation;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::Value;
use tenon_fakes::processing::Processing;

use super::Thumbnails;

/// A photograph of 640 × 960 pixels whose camera was held upright.
const HARBOUR: &[u8] = include_bytes!("../../../runtime-config/samples/harbour.jpg");

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut file), format)
        .unwrap();
    file
}

fn opaque(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_pixel(width, height, Rgb([200, 40, 10])).into()
}

fn see_through(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_pixel(width, height, Rgba([200, 40, 10, 128])).into()
}

/// Width, height and media type of what is served.
fn served(thumbnails: &Processing<Thumbnails>, uuid: &str) -> (u32, u32, String) {
    let response = thumbnails.get(&format!("/{uuid}"));
    assert_eq!(response.status(), 200);
    let picture = image::load_from_memory(response.body()).unwrap();
    let (name, media_type) = &response.headers()[0];
    assert_eq!(name, "content-type");
    (picture.width(), picture.height(), media_type.clone())
}

#[test]
fn pictures_of_every_kind_become_small() {
    let thumbnails = Processing::<Thumbnails>::default();
    for (name, data, expected) in [
        (
            "jpeg",
            encoded(&opaque(400, 200), ImageFormat::Jpeg),
            (128, 64, "image/jpeg"),
        ),
        (
            "png",
            encoded(&opaque(200, 400), ImageFormat::Png),
            (64, 128, "image/jpeg"),
        ),
        (
            "alpha",
            encoded(&see_through(300, 300), ImageFormat::Png),
            (128, 128, "image/png"),
        ),
        (
            "gif",
            encoded(&opaque(256, 128), ImageFormat::Gif),
            (128, 64, "image/jpeg"),
        ),
        (
            "grey",
            encoded(&opaque(300, 150).grayscale(), ImageFormat::Jpeg),
            (128, 64, "image/jpeg"),
        ),
        (
            "deep",
            encoded(
                &DynamicImage::from(opaque(300, 150).to_rgb16()),
                ImageFormat::Png,
            ),
            (128, 64, "image/jpeg"),
        ),
        // Not enlarged, and never thinner than a pixel.
        (
            "small",
            encoded(&opaque(20, 10), ImageFormat::Png),
            (20, 10, "image/jpeg"),
        ),
        (
            "thin",
            encoded(&opaque(2000, 1), ImageFormat::Png),
            (128, 1, "image/jpeg"),
        ),
    ] {
        let found = thumbnails.process(name, "{}", &data).unwrap();
        let (width, height, media_type) = expected;
        assert_eq!(
            (&found["width"], &found["height"]),
            (&width.into(), &height.into()),
            "{name}"
        );
        assert_eq!(
            served(&thumbnails, name),
            (width, height, media_type.to_owned()),
            "{name}"
        );
    }
}

#[test]
fn the_size_is_the_operators() {
    let size = [("thumb_size", r#"{"width": 32, "height": 1024}"#)];
    let thumbnails = Processing::<Thumbnails>::new(&size);
    let data = encoded(&opaque(320, 640), ImageFormat::Png);
    thumbnails.process("x", "{}", &data).unwrap();
    assert_eq!(served(&thumbnails, "x").0, 32);
    assert_eq!(served(&thumbnails, "x").1, 64);
}

#[test]
fn one_content_is_decoded_once() {
    let thumbnails = Processing::<Thumbnails>::default();
    let first = thumbnails.process("a", "{}", HARBOUR).unwrap();
    assert_eq!(first["reused"], false);
    // Its digest says that it is the same; its bytes would be refused.
    let message = tenon_fakes::processing::message("b", HARBOUR);
    let second = thumbnails
        .process_message(&message, "{}", b"no picture")
        .unwrap();
    assert_eq!(second["reused"], true);
    assert_eq!(second["bytes"], first["bytes"]);
    assert_eq!(thumbnails.get("/a").body(), thumbnails.get("/b").body());
    // A message that comes again.
    let again = thumbnails.process("b", "{}", HARBOUR).unwrap();
    assert_eq!(again["reused"], true);
    assert_eq!(thumbnails.query("SELECT * FROM thumbnails").len(), 2);
}

#[test]
fn what_has_no_thumbnail_is_not_found_in_json() {
    let thumbnails = Processing::<Thumbnails>::default();
    let response = thumbnails.get("/none");
    assert_eq!(response.status(), 404);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert!(body["details"].as_str().unwrap().contains("none"), "{body}");
}
