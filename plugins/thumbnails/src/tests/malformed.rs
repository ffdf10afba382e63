//! Files that are damaged, and files made to harm.

use tenon_sdk::{Kind, processor::Blob};

use super::*;
use crate::picture;

fn refused(data: &[u8]) -> String {
    let thumbnails = Processing::<Thumbnails>::default();
    let error = thumbnails.process("x", "{}", data).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid, "{error}");
    assert_eq!(thumbnails.get("/x").status(), 404);
    error.to_string()
}

/// A JPEG of these frame bytes, up to its first scan: the marker, the sides, and the components there
/// are and that the scan has.
fn jpeg(marker: u8, side: u16, components: u8, scanned: u8) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8, 0xff, marker];
    file.extend((8 + 3 * u16::from(components)).to_be_bytes());
    file.push(8);
    file.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
    file.push(components);
    file.extend((1..=components).flat_map(|id| [id, 0x11, 0]));
    file.extend([0xff, 0xda]);
    file.extend((6 + 2 * u16::from(scanned)).to_be_bytes());
    file.push(scanned);
    file.extend((1..=scanned).flat_map(|id| [id, 0]));
    file.extend([0, 63, 0, 0xff, 0xd9]);
    file
}

fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut file = encoded(&opaque(1, 1), ImageFormat::Png);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&file[12..29]);
    file[29..33].copy_from_slice(&sum.to_be_bytes());
    file
}

/// The check sum of PNG, annex D.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 {
                0xedb8_8320 ^ (sum >> 1)
            } else {
                sum >> 1
            }
        })
    })
}

#[test]
fn what_is_no_picture_is_invalid() {
    for data in [
        &b""[..],
        b"\xff",
        b"text",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8 ",
    ] {
        refused(data);
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    for bomb in [
        png_header(60_000, 60_000),
        jpeg(0xc0, 65_500, 3, 3),
        // A baseline picture of this size fits; neither of these does.
        jpeg(0xc2, 3_000, 3, 3),
        jpeg(0xc0, 3_000, 3, 1),
        b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;".to_vec(),
    ] {
        let why = refused(&bomb);
        assert!(why.contains("decode_memory_bytes"), "{why}");
    }
    assert!(!refused(&jpeg(0xc0, 3_000, 3, 3)).contains("decode_memory_bytes"));
}

#[test]
fn more_memory_takes_more() {
    let data = encoded(&opaque(1000, 1000), ImageFormat::Png);
    for (memory, fits) in [(3_000_000, false), (4_000_000, true)] {
        let decoded = picture::decode(&mut Blob::from_bytes(data.clone()), memory);
        assert_eq!(decoded.is_ok(), fits, "{memory}");
    }
}

#[test]
fn a_gif_without_a_frame_is_invalid() {
    refused(b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff;");
}

/// A JPEG that ends early still shows what came before, so that decoders differ; what ends in its
/// header does not.
#[test]
fn files_cut_anywhere_never_panic() {
    let pictures = [
        HARBOUR.to_vec(),
        encoded(&see_through(40, 40), ImageFormat::Png),
        encoded(&opaque(40, 40), ImageFormat::Gif),
    ];
    for picture in pictures {
        let step = picture.len() / 97 + 1;
        for end in (0..picture.len()).step_by(step) {
            let mut cut = Blob::from_bytes(picture[..end].to_vec());
            let decoded = picture::decode(&mut cut, 48 << 20);
            assert!(
                decoded.is_ok() || decoded.unwrap_err().kind() == Kind::Invalid,
                "{end}"
            );
        }
    }
}

#[test]
fn bytes_changed_anywhere_never_panic() {
    for at in (0..HARBOUR.len()).step_by(211) {
        let mut changed = HARBOUR.to_vec();
        changed[at] ^= 0xff;
        let decoded = picture::decode(&mut Blob::from_bytes(changed), 48 << 20);
        assert!(
            decoded.is_ok() || decoded.unwrap_err().kind() == Kind::Invalid,
            "{at}"
        );
    }
}
