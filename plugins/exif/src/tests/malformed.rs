//! Files that are damaged, and files made to harm.

use tenon_sdk::Kind;

use super::*;

/// Whether a file is taken; one that is not is `invalid`.
fn taken(data: &[u8]) -> bool {
    match Processing::<Exif>::default().process("x", "{}", data) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), Kind::Invalid, "{error}");
            false
        }
    }
}

#[test]
fn what_is_no_picture_is_invalid() {
    for data in [
        &b""[..],
        b"text",
        b"\xff",
        b"\xff\xd8",
        b"\x89PNG\r\n",
        b"II*\0",
        b"GIF89a",
    ] {
        assert!(!taken(data), "{data:?}");
    }
}

#[test]
fn directories_that_lead_to_each_other_end() {
    // To itself, as the next one and as a part of itself.
    let next = Tiff::default().field(0x010f, 2, 3, 0x0042_4141).next(8);
    let part = Tiff::default()
        .field(0x8769, 4, 1, 8)
        .field(0x8825, 4, 1, 8);
    assert!(taken(&next.build()));
    assert!(taken(&part.build()));
}

#[test]
fn fields_that_lie_about_their_place_are_left_out() {
    let tiff = Tiff::default()
        .field(0x010f, 2, 4, u32::from_le_bytes(*b"abc\0"))
        .field(0x0110, 2, u32::MAX, 0)
        .field(0x0131, 5, u32::MAX, 8)
        .field(0x0132, 2, 20, u32::MAX - 4);
    let exif = Processing::<Exif>::default();
    exif.process("x", "{}", &tiff.build()).unwrap();
    assert_eq!(document(&exif, "x", "exif"), json!({"Make": "abc"}));
}

#[test]
fn long_lists_and_zeros_do_not_reach_the_database() {
    let at = Tiff::end(3);
    let tiff = Tiff::default()
        .field(0x0111, 4, 1000, at)
        .field(0x010f, 2, 4000, at)
        .field(0x927c, 7, 4000, at)
        .behind(vec![0; 4000]);
    let exif = Processing::<Exif>::default();
    exif.process("x", "{}", &tiff.build()).unwrap();
    assert_eq!(document(&exif, "x", "exif"), json!({"Make": ""}));
}

#[test]
fn a_tiff_too_large_is_refused_by_its_limit() {
    let mut data = Tiff::default().build();
    data.resize((20 << 20) + 1, 0);
    let refused = Processing::<Exif>::default().process("x", "{}", &data);
    assert!(refused.unwrap_err().to_string().contains("20971520"));
}

#[test]
fn files_cut_anywhere_never_panic() {
    let place = gps("N", (10, 1), "E", (20, 1));
    for end in 0..place.len() {
        taken(&place[..end]);
    }
    for end in (0..1024).step_by(7) {
        taken(&HARBOUR[..end]);
    }
}

#[test]
fn bytes_changed_anywhere_never_panic() {
    let place = gps("N", (10, 1), "E", (20, 1));
    for at in 0..place.len() {
        let mut changed = place.clone();
        changed[at] ^= 0xff;
        taken(&changed);
    }
}
