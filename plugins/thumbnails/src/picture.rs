//! From bytes to pixels, within a limit of memory.
//!
//! Out of memory a sandbox traps, and nobody knows why. So what decoding will take is reckoned before
//! it begins, from what the picture's header says, and a picture that takes too much is refused by name.

mod jpeg;

use image::{
    DynamicImage, ImageDecoder, ImageFormat, Limits,
    codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder},
    metadata::Orientation,
};
use tenon_sdk::{Error, Result, processor::Blob};

use crate::fault;

/// Widest and highest picture: what JPEG can say.
const SIDE_MAX: u32 = 65_535;
/// Bytes at a picture's beginning that say what it is.
const SIGNATURE_BYTES: u32 = 16;

/// A picture and how it is to be held.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) pixels: DynamicImage,
    pub(crate) orientation: Orientation,
}

/// Decodes a picture, the first one of a GIF that has several. `invalid` for what is none of the three
/// kinds, is malformed or cut off, or takes more than `memory_bytes`.
pub(crate) fn decode(data: &mut Blob<'_>, memory_bytes: u64) -> Result<Picture> {
    let limits = limits(memory_bytes);
    match image::guess_format(&data.read_at(0, SIGNATURE_BYTES)?) {
        Ok(ImageFormat::Jpeg) => {
            let frame = jpeg::frame(&mut data.reopen())?;
            // The decoder takes the whole file into a buffer that grows, and the pixels.
            afford(2 * data.size() + frame.bytes(), memory_bytes)?;
            finish(JpegDecoder::new(data).map_err(fault)?, limits)
        }
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(data, limits.clone()).map_err(fault)?;
            // Rows are unpacked one by one, but for those that wait to be put between each other.
            afford(
                decoder.total_bytes() + decoder.total_bytes() / 4,
                memory_bytes,
            )?;
            finish(decoder, limits)
        }
        Ok(ImageFormat::Gif) => {
            let decoder = GifDecoder::new(data).map_err(fault)?;
            // A frame of its own, and the screen that it is drawn on.
            afford(2 * decoder.total_bytes(), memory_bytes)?;
            finish(decoder, limits)
        }
        _ => Err(Error::invalid("this is no JPEG, PNG or GIF")),
    }
}

fn limits(memory_bytes: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(memory_bytes);
    limits
}

fn afford(bytes: u64, memory_bytes: u64) -> Result<()> {
    if bytes <= memory_bytes {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "decoding the picture takes {bytes} bytes, more than `decode_memory_bytes` allows ({memory_bytes})"
    )))
}

fn finish(mut decoder: impl ImageDecoder, limits: Limits) -> Result<Picture> {
    decoder.set_limits(limits).map_err(fault)?;
    // What cannot be read of the camera's notes does not spoil the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder).map_err(fault)?;
    Ok(Picture {
        pixels,
        orientation,
    })
}
