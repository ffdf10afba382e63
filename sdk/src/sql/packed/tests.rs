use super::*;
use crate::{
    Kind, Result,
    sql::{Rows, Value},
};

/// One of each kind.
fn every_kind() -> Vec<Value> {
    let text = || "text".to_owned();
    vec![
        Value::Null,
        true.into(),
        false.into(),
        i64::MIN.into(),
        (-0.5).into(),
        "é\n".into(),
        vec![0_u8, 255].into(),
        Value::Decimal("-1.50".to_owned()),
        Value::Timestamp("2026-01-31T23:59:59Z".to_owned()),
        Value::Date("2026-01-31".to_owned()),
        Value::Time("23:59:59.5".to_owned()),
        Value::Json("{}".to_owned()),
        Value::Uuid(text()),
        Value::Interval("P1D".to_owned()),
        Value::Array(vec![Value::Null, Value::Array(vec![1.into()])]),
    ]
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(1.into(), |value, _| Value::Array(vec![value]))
}

#[test]
fn rows_come_back_as_they_were() {
    let values = every_kind().into_iter().map(|value| ["x".into(), value]);
    let rows = Rows::new(["name", "value"], values);
    assert_eq!(Rows::unpack(&rows.pack().unwrap()), Ok(rows));
}

#[test]
fn the_bytes_are_those_of_the_contract() {
    let rows = Rows::new(["a"], [[Value::Integer(258)], ["é".into()]]);
    let expected = b"\x01\0\0\0\x01\0\0\0a\x02\0\0\0\x02\x02\x01\0\0\0\0\0\0\x04\x02\0\0\0\xc3\xa9";
    assert_eq!(rows.pack().unwrap(), expected);
    let named = named(&[("n", Value::Tuple(vec![Value::Null, true.into()]))]).unwrap();
    assert_eq!(named, b"\x01\0\0\0\x01\0\0\0n\x0e\x02\0\0\0\0\x01\x01");
}

#[test]
fn named_parameters_are_found_as_they_are_packed() {
    let kinds = every_kind();
    let parameters: Vec<_> = kinds.iter().map(|value| (value.kind(), value)).collect();
    let tuple = Value::Tuple(vec![1.into(), Value::Tuple(vec![2.into()])]);
    let mut with_tuple: Vec<_> = parameters[2..]
        .iter()
        .map(|(name, value)| (*name, (*value).clone()))
        .collect();
    with_tuple.push(("pair", tuple.clone()));
    let packed = named(&with_tuple).unwrap();
    let found = Named::unpack(&packed).unwrap();
    for (name, value) in &with_tuple {
        assert_eq!(
            found.get(name).unwrap().value().as_ref(),
            Ok(value),
            "{name}"
        );
    }
    assert_eq!(found.get("none"), None);
    let elements: Vec<_> = found.get("pair").unwrap().tuple().unwrap().collect();
    assert_eq!(elements[0].value(), Ok(1.into()));
    assert_eq!(elements[1].tuple().unwrap().count(), 1);
    assert!(found.get("an integer").unwrap().tuple().is_none());
}

#[test]
fn raw_and_new_values_make_the_same_parameters() {
    let packed = named(&[("a", "x".into()), ("b", 1.into())]).unwrap();
    let found = Named::unpack(&packed).unwrap();
    let mut raw = Positional::default();
    let mut new = Positional::default();
    for (name, value) in [("b", Value::Integer(1)), ("a", "x".into())] {
        raw.push_raw(found.get(name).unwrap());
        new.push(&value).unwrap();
    }
    let texts = [Some("x"), None];
    raw.push_texts(texts.into_iter()).unwrap();
    new.push(&Value::Array(texts.map(Into::into).into()))
        .unwrap();
    assert_eq!(raw.count(), 3);
    assert_eq!(raw.finish(), new.finish());
}

#[test]
fn what_cannot_be_packed() {
    let mut positional = Positional::default();
    let tuple = || Value::Tuple(vec![1.into()]);
    positional.push(&nested(DEPTH_MAX)).unwrap();
    for value in [
        tuple(),
        Value::Array(vec![tuple()]),
        "a\0".into(),
        Value::Json("\0".to_owned()),
        nested(DEPTH_MAX + 1),
    ] {
        let error = positional.push(&value).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{value:?}");
    }
    let error = named(&[("a", Value::Array(vec![tuple()]))]).unwrap_err();
    assert!(error.to_string().contains("parameter a"), "{error}");
}

/// Whatever is cut off, changed or added is refused, and nothing is reserved on its word.
#[test]
fn malformed_bytes_are_refused() {
    let rows = Rows::new(["a", "b"], [[1.into(), "x".into()]])
        .pack()
        .unwrap();
    for length in 0..rows.len() {
        assert!(Rows::unpack(&rows[..length]).is_err(), "{length}");
    }
    let longer = [&rows[..], &[0]].concat();
    let count = u32::MAX.to_le_bytes();
    let huge: [&[u8]; 10] = [
        &longer,
        // Columns, rows, a text, an array and names without end.
        &count,
        &[&[1, 0, 0, 0, 1, 0, 0, 0, b'a'], &count[..]].concat(),
        &[&[1, 0, 0, 0], &count[..]].concat(),
        &one(&[&[tag::ARRAY], &count[..]].concat()),
        // No such kind, no boolean, no UTF-8, too deep.
        &one(&[15]),
        &one(&[tag::BOOLEAN, 2]),
        &one(&[tag::TEXT, 1, 0, 0, 0, 255]),
        &one(&[tag::ARRAY, 1, 0, 0, 0].repeat(DEPTH_MAX + 1)),
        &one(&[tag::ARRAY, 1, 0, 0, 0].repeat(1_000_000)),
    ];
    for packed in huge {
        let error = Rows::unpack(packed).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
    }
}

/// A row of one column with this packed value.
fn one(value: &[u8]) -> Vec<u8> {
    [&[1, 0, 0, 0, 1, 0, 0, 0, b'a', 1, 0, 0, 0], value].concat()
}

#[test]
fn malformed_parameters_are_refused() {
    let packed = named(&[("a", every_kind().into())]).unwrap();
    for length in 0..packed.len() {
        assert!(Named::unpack(&packed[..length]).is_err(), "{length}");
    }
    let twice = b"\x02\0\0\0\x01\0\0\0a\0\x01\0\0\0a\0";
    let tuple_in_array = b"\x01\0\0\0\x01\0\0\0a\x0d\x01\0\0\0\x0e\0\0\0\0";
    for packed in [
        &[packed.as_slice(), &[0]].concat(),
        &twice[..],
        tuple_in_array,
    ] {
        assert_eq!(Named::unpack(packed).unwrap_err().kind(), Kind::Invalid);
    }
}

#[test]
fn rows_without_columns_are_counted() {
    let packed = [&0_u32.to_le_bytes()[..], &u32::MAX.to_le_bytes()].concat();
    let rows = Rows::unpack(&packed).unwrap();
    assert_eq!((rows.len(), rows.is_empty()), (u32::MAX as usize, false));
    assert!(rows.first().unwrap().values().is_empty());
}

#[test]
fn columns_are_read_by_name() {
    let rows = Rows::new(
        ["n", "text", "none", "flag", "sum", "n"],
        [[
            1.into(),
            "x".into(),
            Value::Null,
            1.into(),
            Value::Decimal("7".to_owned()),
            2.into(),
        ]],
    );
    let row = rows.first().unwrap();
    assert_eq!(row.get::<i64>("n"), Ok(2), "the last of a name");
    assert_eq!(row.get::<&str>("text"), Ok("x"));
    assert_eq!(row.get::<Option<String>>("none"), Ok(None));
    assert_eq!(row.get::<Option<u32>>("n"), Ok(Some(2)));
    assert_eq!(row.get::<bool>("flag"), Ok(true));
    assert_eq!(row.get::<u64>("sum"), Ok(7));
    assert_eq!(row.get::<f64>("sum"), Ok(7.0));
    let wrong: [Result<()>; 4] = [
        row.get::<i64>("text").map(drop),
        row.get::<&str>("none").map(drop),
        row.get::<&[u8]>("text").map(drop),
        row.get::<i64>("absent").map(drop),
    ];
    for error in wrong {
        assert_eq!(error.unwrap_err().kind(), Kind::Internal);
    }
    let too_large = Rows::new(["n"], [[i64::MAX.into()]]);
    assert!(too_large.first().unwrap().get::<i32>("n").is_err());
}
