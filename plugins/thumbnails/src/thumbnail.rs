//! From a picture to its thumbnail.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder, metadata::Orientation};
use tenon_sdk::Result;

use crate::{fault, picture::Picture, settings::Size};

/// Of 100. Small pictures show what a lower quality leaves out.
const JPEG_QUALITY: u8 = 80;

/// A thumbnail as it is stored.
#[derive(Debug)]
pub(crate) struct Thumbnail {
    /// A JPEG, or a PNG where there is something to see through.
    pub(crate) content: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Makes a picture fit, held as its camera was, its proportions kept. A small one is not enlarged.
pub(crate) fn make(picture: Picture, size: Size) -> Result<Thumbnail> {
    let Picture {
        pixels,
        orientation,
    } = picture;
    let Size { width, height } = held(size, orientation);
    let mut small = if pixels.width() > width || pixels.height() > height {
        pixels.thumbnail(width, height)
    } else {
        pixels
    };
    small.apply_orientation(orientation);
    Ok(Thumbnail {
        content: encode(&small)?,
        width: small.width(),
        height: small.height(),
    })
}

/// The size that a picture must fit before it is turned.
fn held(size: Size, orientation: Orientation) -> Size {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => Size {
            width: size.height,
            height: size.width,
        },
        _ => size,
    }
}

fn encode(picture: &DynamicImage) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    if is_opaque(picture) {
        let encoder = JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY);
        picture
            .to_rgb8()
            .write_with_encoder(encoder)
            .map_err(fault)?;
    } else {
        let mut file = Cursor::new(&mut content);
        picture
            .to_rgba8()
            .write_to(&mut file, ImageFormat::Png)
            .map_err(fault)?;
    }
    Ok(content)
}

fn is_opaque(picture: &DynamicImage) -> bool {
    !picture.color().has_alpha()
        || picture
            .to_rgba8()
            .pixels()
            .all(|pixel| pixel.0[3] == u8::MAX)
}
