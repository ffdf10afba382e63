use super::*;

fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, text.as_bytes());
    bytes
}

/// What a guest makes of parameters.
pub(in crate::capability::sql) fn pack(values: &[Value<'_>]) -> Vec<u8> {
    let mut bytes = length(values.len()).to_vec();
    values.iter().for_each(|value| put_value(value, &mut bytes));
    bytes
}

/// What a guest makes of rows.
pub(in crate::capability::sql) fn unpack(
    bytes: &'static [u8],
) -> (Vec<String>, Vec<Vec<Value<'static>>>) {
    let mut budget = Budget::default();
    let mut reader = Reader {
        rest: bytes,
        budget: &mut budget,
    };
    let number = |reader: &mut Reader<'static, '_>| u32::from_le_bytes(reader.take().unwrap());
    let name = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let columns = number(&mut reader);
    let names = (0..columns)
        .map(|_| name(reader.bytes().unwrap()))
        .collect();
    let rows = number(&mut reader);
    let row = |reader: &mut Reader<'static, '_>| {
        let values = (0..columns).map(|_| reader.value(0).unwrap());
        values.collect()
    };
    let rows = (0..rows).map(|_| row(&mut reader)).collect();
    assert!(reader.rest.is_empty());
    (names, rows)
}

fn put_value(value: &Value<'_>, bytes: &mut Vec<u8>) {
    let mut writer = Writer(bytes);
    match value {
        Value::Null => writer.null(),
        Value::Boolean(value) => writer.boolean(*value),
        Value::Integer(value) => writer.integer(*value),
        Value::Float(value) => writer.float(*value),
        Value::Text(kind, text) => writer.text(*kind, text),
        Value::Bytes(bytes) => writer.bytes(bytes),
        Value::Array(values) => {
            writer.array(values.len());
            values.iter().for_each(|value| put_value(value, bytes));
        }
    }
}

fn of_every_kind() -> Vec<Value<'static>> {
    let kinds = (0..=u8::MAX).filter_map(Kind::of);
    let texts = kinds.map(|kind| Value::Text(kind, "ä\0"));
    let mut values = vec![
        Value::Null,
        Value::Boolean(true),
        Value::Integer(-2),
        Value::Float(0.1),
        Value::Bytes(&[0, 255]),
        Value::Array(vec![Value::Array(vec![Value::Null]), Value::Array(vec![])]),
    ];
    values.extend(texts);
    values
}

#[test]
fn what_is_packed_is_read() {
    let values = of_every_kind();
    let bytes = pack(&values);
    assert_eq!(parameters(&bytes, &mut Budget::default()), Ok(values));
    assert_eq!(parameters(&[], &mut Budget::default()), Ok(vec![]));
}

#[test]
fn nothing_malformed_is_read_and_nothing_panics() {
    let bytes = pack(&of_every_kind());
    for end in 1..bytes.len() {
        let read = parameters(&bytes[..end], &mut Budget::default());
        assert_eq!(read, Err(Malformed::Short), "{end}");
    }
    let mut random = 1_u64;
    for _ in 0..100_000 {
        // A generator of Lehmer's: the same bytes each time.
        random = random.wrapping_mul(0xda94_2042_e4dd_58b5) | 1;
        let mut changed = bytes.clone();
        let place = (random >> 32) as usize % bytes.len();
        changed[place] = (random >> 16) as u8;
        _ = parameters(&changed, &mut Budget::default());
    }
}

#[test]
fn each_mistake_has_a_name() {
    let one = |value: &[u8]| [&[1, 0, 0, 0], value].concat();
    let nested = |depth: usize| {
        let mut bytes = [1, 0, 0, 0, ARRAY].repeat(depth);
        bytes.extend([1, 0, 0, 0, NULL]);
        bytes
    };
    for (bytes, expected) in [
        (one(&[NULL, 0]), Malformed::Long),
        (one(&[BOOLEAN, 2]), Malformed::Boolean),
        (one(&[15]), Malformed::Kind(15)),
        (one(&[TUPLE, 0, 0, 0, 0]), Malformed::Tuple),
        (one(&[4, 1, 0, 0, 0, 0xff]), Malformed::Text),
        (one(&[4, 255, 255, 255, 255]), Malformed::Short),
        (vec![255, 255, 255, 255, NULL], Malformed::Short),
        (nested(9), Malformed::Depth),
        (pack(&vec![Value::Null; VALUES_MAX + 1]), Malformed::Values),
    ] {
        assert_eq!(parameters(&bytes, &mut Budget::default()), Err(expected));
    }
    assert!(parameters(&nested(8), &mut Budget::default()).is_ok());
    let mut budget = Budget(1);
    assert!(parameters(&one(&[NULL]), &mut budget).is_ok());
    assert_eq!(
        parameters(&one(&[NULL]), &mut budget),
        Err(Malformed::Values)
    );
}

#[test]
fn rows_are_numbered_and_limited() {
    let names = || ["a", "b"].into_iter();
    let mut rows = Rows::new(names(), 40).unwrap();
    let add = |rows: &mut Rows| {
        rows.add::<Limit>(|into| {
            into.null();
            into.boolean(true);
            Ok(())
        })
    };
    add(&mut rows).unwrap();
    add(&mut rows).unwrap();
    let expected = [
        &[2, 0, 0, 0][..],
        &text("a"),
        &text("b"),
        &[2, 0, 0, 0],
        &[NULL, BOOLEAN, 1],
        &[NULL, BOOLEAN, 1],
    ];
    assert_eq!(rows.finish(), (expected.concat(), 2));
    let mut rows = Rows::new(names(), 25).unwrap();
    add(&mut rows).unwrap();
    assert_eq!(add(&mut rows).unwrap_err().name, "sql_result_bytes");
    assert!(Rows::new(names(), 10).is_err());
}
