//! From a picture to its EXIF.

use std::io::{BufRead, Seek};

use exif::{Error as Failure, Exif, Reader};
use tenon_sdk::{Error, Result, processor::Blob};

/// Largest TIFF. Its fields may be anywhere, so that it is read as a whole, into a sandbox of 64 MiB;
/// a buffer that grows is there twice for a moment.
const TIFF_BYTES_MAX: u64 = 20 << 20;

/// How a TIFF begins, by TIFF 6.0, section 2.
const TIFF: [&[u8]; 2] = [b"II*\0", b"MM\0*"];

/// The EXIF of a picture; none where it has none. Fields that are damaged are left out. `invalid`
/// for what is no picture, is cut off, or is a TIFF too large.
pub(crate) fn read(picture: &mut Blob<'_>) -> Result<Option<Exif>> {
    if picture.size() > TIFF_BYTES_MAX && is_tiff(picture)? {
        return Err(Error::invalid(format!(
            "a TIFF of {} bytes is more than the {TIFF_BYTES_MAX} that are read",
            picture.size()
        )));
    }
    parse(picture)
}

fn is_tiff(picture: &Blob<'_>) -> Result<bool> {
    let beginning = picture.read_at(0, 4)?;
    Ok(TIFF.contains(&beginning.as_slice()))
}

fn parse(picture: &mut (impl BufRead + Seek)) -> Result<Option<Exif>> {
    let read = Reader::new()
        .continue_on_error(true)
        .read_from_container(picture)
        .or_else(|failure| {
            failure.distill_partial_result(|ignored| {
                tenon_sdk::debug!("{} fields are damaged", ignored.len());
            })
        });
    match read {
        // What is no more than the picture's own layout is a TIFF without a camera.
        Ok(exif) if exif.fields().next().is_none() => Ok(None),
        Ok(exif) => Ok(Some(exif)),
        Err(Failure::NotFound(_)) => Ok(None),
        Err(Failure::Io(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(Error::invalid("the picture is cut off"))
        }
        Err(Failure::Io(error)) => Err(error.into()),
        Err(failure) => Err(Error::invalid(format!("this is no picture: {failure}"))),
    }
}
