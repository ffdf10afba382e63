//! How a camera was held.

use image::GenericImageView;

use super::*;

#[test]
fn a_camera_held_upright_gives_an_upright_thumbnail() {
    let thumbnails = Processing::<Thumbnails>::default();
    thumbnails.process("x", "{}", HARBOUR).unwrap();
    assert_eq!(served(&thumbnails, "x"), (128, 85, "image/jpeg".to_owned()));
    let picture = image::load_from_memory(thumbnails.get("/x").body()).unwrap();
    // The sun is in the upper right, over the darker water.
    let (sun, water) = (picture.get_pixel(92, 40).0, picture.get_pixel(92, 82).0);
    assert!(sun[0] > 220 && sun[0] > water[0] + 80, "{sun:?} {water:?}");
}

#[test]
fn a_box_is_turned_with_the_picture() {
    let size = [("thumb_size", r#"{"width": 60, "height": 1000}"#)];
    let thumbnails = Processing::<Thumbnails>::new(&size);
    thumbnails.process("x", "{}", HARBOUR).unwrap();
    assert_eq!(served(&thumbnails, "x"), (60, 40, "image/jpeg".to_owned()));
}
