//! What a JPEG's header says of the memory that decoding takes (ITU-T T.81, annex B).

use std::io::{self, Read, Seek, SeekFrom};

use tenon_sdk::{Error, Result};

/// Segments before the first scan, at most. Cameras write twenty.
const SEGMENTS_MAX: usize = 4096;

/// The picture that a JPEG holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pixels: u64,
    components: u8,
    /// Whether every component comes in parts, or on its own, so that all must be kept until the last
    /// part is there.
    kept: bool,
}

impl Frame {
    /// Bytes for its pixels, and for two of each coefficient that is kept.
    pub(crate) fn bytes(self) -> u64 {
        let kept = if self.kept { 2 } else { 0 };
        self.pixels * u64::from(self.components.max(3)) * (1 + kept)
    }
}

/// Reads the frame's header. `invalid` where there is none.
pub(crate) fn frame(file: &mut (impl Read + Seek)) -> Result<Frame> {
    let found = segments(file).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::invalid("the picture is cut off"),
        _ => error.into(),
    })?;
    found.ok_or_else(|| Error::invalid("the picture is a JPEG without a frame"))
}

fn segments(file: &mut (impl Read + Seek)) -> io::Result<Option<Frame>> {
    let mut frame = None;
    // The two bytes that every JPEG begins with.
    file.seek(SeekFrom::Start(2))?;
    for _ in 0..SEGMENTS_MAX {
        let marker = marker(file)?;
        // Those without a length: restarts, and one that is reserved.
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let [high, low] = bytes(file)?;
        let length = u16::from_be_bytes([high, low]).saturating_sub(2);
        match marker {
            // All frames; C4, C8 and CC are tables that lie between them.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [_, h1, h0, w1, w0, components] = bytes(file)?;
                let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
                frame = Some(Frame {
                    pixels: u64::from(height) * u64::from(width),
                    components,
                    kept: !matches!(marker, 0xc0 | 0xc1),
                });
                file.seek_relative(i64::from(length) - 6)?;
            }
            // The first scan: nothing more is said before the pixels.
            0xda => {
                let [components] = bytes(file)?;
                return Ok(frame.map(|frame| Frame {
                    kept: frame.kept || components < frame.components,
                    ..frame
                }));
            }
            0xd9 => return Ok(frame),
            _ => file.seek_relative(i64::from(length))?,
        }
    }
    Ok(None)
}

/// The next marker; any number of FF may stand before it.
fn marker(file: &mut impl Read) -> io::Result<u8> {
    let [mut byte] = bytes(file)?;
    while byte != 0xff {
        [byte] = bytes(file)?;
    }
    while byte == 0xff {
        [byte] = bytes(file)?;
    }
    Ok(byte)
}

fn bytes<const COUNT: usize>(file: &mut impl Read) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
