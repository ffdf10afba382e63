//! Decimals: <https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/numeric.c>,
//! `numeric_send`.

use std::fmt::Write as _;

use super::wire::{Misread, Wire};

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

/// Decimal places of one digit, which counts to ten thousand.
const PLACES: usize = 4;

/// The number as the server itself writes it.
pub(super) fn text(mut wire: Wire<'_>) -> Result<String, Misread> {
    let number = wire.u16()?;
    // Of the first digit, in powers of ten thousand.
    let weight = i32::from(wire.i16()?);
    let sign = wire.u16()?;
    let scale = usize::from(wire.u16()?);
    let mut text = String::new();
    match sign {
        NAN => return Ok("NaN".to_owned()),
        INFINITY => return Ok("Infinity".to_owned()),
        NEGATIVE_INFINITY => return Ok("-Infinity".to_owned()),
        NEGATIVE => text.push('-'),
        0 => {}
        _ => return Err(Misread),
    }
    let digits: Vec<u16> = (0..number).map(|_| wire.u16()).collect::<Result<_, _>>()?;
    let digit = |power: i32| {
        let place = usize::try_from(weight - power).ok();
        place
            .and_then(|place| digits.get(place))
            .copied()
            .unwrap_or(0)
    };
    // Writing to a text never fails.
    _ = write!(text, "{}", if weight < 0 { 0 } else { digit(weight) });
    for power in (0..weight).rev() {
        _ = write!(text, "{:04}", digit(power));
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + scale;
        let mut power = -1;
        while text.len() < end {
            _ = write!(text, "{:0PLACES$}", digit(power));
            power -= 1;
        }
        text.truncate(end);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(weight: i16, sign: u16, scale: u16, digits: &[u16], expected: &str) {
        let mut bytes = Vec::new();
        bytes.extend(u16::try_from(digits.len()).unwrap().to_be_bytes());
        bytes.extend(weight.to_be_bytes());
        bytes.extend([sign, scale].into_iter().flat_map(u16::to_be_bytes));
        bytes.extend(digits.iter().flat_map(|digit| digit.to_be_bytes()));
        assert_eq!(text(Wire(&bytes)).unwrap(), expected);
    }

    #[test]
    fn as_the_server_writes_them() {
        check(0, 0, 0, &[], "0");
        check(0, 0, 2, &[], "0.00");
        check(0, NEGATIVE, 2, &[1, 5000], "-1.50");
        check(1, 0, 0, &[1], "10000");
        check(2, 0, 3, &[12, 0, 7, 1230], "1200000007.123");
        check(-1, 0, 4, &[5], "0.0005");
        check(-2, 0, 8, &[5], "0.00000005");
        check(0, NAN, 0, &[], "NaN");
        check(0, NEGATIVE_INFINITY, 0, &[], "-Infinity");
    }

    #[test]
    fn a_form_that_is_none() {
        assert!(text(Wire(&[])).is_err());
        assert!(text(Wire(&[0, 1, 0, 0, 0, 0, 0, 0])).is_err());
        assert!(text(Wire(&[0, 0, 0, 0, 0x12, 0, 0, 0])).is_err());
    }
}
