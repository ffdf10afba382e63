//! TIFFs written by hand (TIFF 6.0, section 2), little-endian.

/// The tag that leads to a place's fields.
const GPS: u16 = 0x8825;

/// One directory and what lies behind it.
#[derive(Default)]
pub(super) struct Tiff {
    fields: Vec<[u8; 12]>,
    behind: Vec<u8>,
    next: u32,
}

impl Tiff {
    /// A field whose value, or its place, is `value`.
    pub(super) fn field(mut self, tag: u16, kind: u16, count: u32, value: u32) -> Self {
        let mut field = [0; 12];
        field[..2].copy_from_slice(&tag.to_le_bytes());
        field[2..4].copy_from_slice(&kind.to_le_bytes());
        field[4..8].copy_from_slice(&count.to_le_bytes());
        field[8..].copy_from_slice(&value.to_le_bytes());
        self.fields.push(field);
        self
    }

    /// Bytes behind the directory.
    pub(super) fn behind(mut self, bytes: Vec<u8>) -> Self {
        self.behind = bytes;
        self
    }

    /// Where the next directory is.
    pub(super) fn next(mut self, offset: u32) -> Self {
        self.next = offset;
        self
    }

    /// Where a directory of so many fields, which is the first thing in the file, ends.
    pub(super) fn end(fields: u32) -> u32 {
        8 + 2 + 12 * fields + 4
    }

    pub(super) fn build(&self) -> Vec<u8> {
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        file.extend(self.directory());
        file.extend(&self.behind);
        file
    }

    fn directory(&self) -> Vec<u8> {
        let count = u16::try_from(self.fields.len()).unwrap();
        let fields = self.fields.concat();
        [&count.to_le_bytes()[..], &fields, &self.next.to_le_bytes()].concat()
    }
}

/// A place, in whole degrees given as quotients.
pub(super) fn gps(ns: &str, latitude: (u32, u32), ew: &str, longitude: (u32, u32)) -> Vec<u8> {
    let letter = |text: &str| u32::from(text.as_bytes()[0]);
    let at = Tiff::end(1);
    let values = at + 2 + 12 * 4 + 4;
    let place = Tiff::default()
        .field(1, 2, 2, letter(ns))
        .field(2, 5, 3, values)
        .field(3, 2, 2, letter(ew))
        .field(4, 5, 3, values + 24);
    let mut behind = place.directory();
    for (degrees, by) in [latitude, longitude] {
        for number in [degrees, by, 0, 1, 0, 1] {
            behind.extend(number.to_le_bytes());
        }
    }
    Tiff::default().field(GPS, 4, 1, at).behind(behind).build()
}
