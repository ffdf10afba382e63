//! Values of YAML, row by row of sqAPI's contract, section 4.3.

use super::tree::{self, Node, Value};

/// What a scalar becomes, as it would be written in JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text { text, .. } => format!("{text:?}"),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| shown(&item.value)).collect();
            format!("[{}]", items.join(","))
        }
        Value::Map(map) => {
            let entry =
                |(key, node): &(tree::Key, Node)| format!("{:?}:{}", key.name, shown(&node.value));
            let entries: Vec<_> = map.iter().map(entry).collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "P" => "5673",
        "B" => "true",
        "K" => "key",
        "EMPTY" => "",
        "TRICK" => "${P}",
        _ => return None,
    };
    Some(value.to_owned())
}

fn read(text: &str) -> tree::Map {
    tree::parse(text, &environment).unwrap_or_else(|broken| panic!("{}", broken.why))
}

/// `text` is the value of a key.
fn check(text: &str, expected: &str) {
    let map = read(&format!("a: {text}\n"));
    assert_eq!(shown(&map[0].1.value), expected, "{text}");
}

#[test]
fn an_unquoted_scalar_with_a_variable_is_a_text() {
    check("${P}", r#""5673""#);
    check("${B}", r#""true""#);
    check("amqp://${K}:${P}/x", r#""amqp://key:5673/x""#);
    check("\n- 1\n- '${P}'\n- x${B}", r#"[1,"${P}","xtrue"]"#);
    let map = read("${K}: 1\n\"${K}\": 2\n");
    let keys: Vec<_> = map.iter().map(|(key, _)| key.name.as_str()).collect();
    assert_eq!(keys, ["key", "${K}"]);
}

#[test]
fn a_quoted_or_block_scalar_is_not_expanded() {
    check("'${P}'", r#""${P}""#);
    check("\"${P}\"", r#""${P}""#);
    check("|\n  ${P}", r#""${P}\n""#);
    check(">-\n  ${P}", r#""${P}""#);
}

#[test]
fn braces_are_needed_unless_others_have_them() {
    check("$P", r#""$P""#);
    check("$P/${P}", r#""5673/5673""#);
    check("$ ${P} $", r#""$ 5673 $""#);
}

#[test]
fn what_is_not_set_stays() {
    check("${NONE}", r#""${NONE}""#);
    check("x${NONE}/$NONE", r#""x${NONE}/$NONE""#);
    check("${P:-1}", r#""${P:-1}""#);
    check("${}", r#""${}""#);
    check("${", r#""${""#);
}

#[test]
fn what_is_set_to_nothing_is_an_empty_text() {
    check("${EMPTY}", r#""""#);
    check("x${EMPTY}", r#""x""#);
    // Nor is what came of a variable expanded again.
    check("${TRICK}", r#""${P}""#);
}

#[test]
fn the_variable_that_is_all_of_it_is_known() {
    let variable = |text: &str| match read(&format!("a: {text}\n")).remove(0).1.value {
        Value::Text { variable, .. } => variable,
        other => panic!("{}", other.kind()),
    };
    assert_eq!(variable("${P}").as_deref(), Some("P"));
    assert_eq!(variable("${P}${B}"), None);
    assert_eq!(variable("x${P}"), None);
    assert_eq!(variable("${NONE}"), None);
    assert_eq!(variable("'${P}'"), None);
}

#[test]
fn scalars_are_those_of_yaml_1_1() {
    check(
        "[yes, 'yes', 5672, '5672', ~, 1.5, !!str 7]",
        r#"[true,"yes",5672,"5672",null,1.5,"7"]"#,
    );
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let map = read("a: 1\n'a': 2\n");
    assert_eq!(map.len(), 1);
    assert_eq!(shown(&map[0].1.value), "2");
}

#[test]
fn anchors_and_merge_keys() {
    let map = read("base: &b {x: 1, y: 2}\nother:\n  <<: *b\n  y: 3\n");
    assert_eq!(shown(&map[1].1.value), r#"{"y":3,"x":1}"#);
    // A thousand million laughs.
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let item = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", [item.as_str(); 10].join(","));
    }
    assert!(tree::parse(&text, &environment).is_err());
}

#[test]
fn every_value_has_its_place() {
    let map = read("a: 1\nb:\n  c: 'x'\n  d:\n  - y\n");
    let place = |node: &Node| (node.at.line, node.at.column);
    assert_eq!(place(&map[0].1), (1, 4));
    // What begins below stands where its key does.
    assert_eq!(place(&map[1].1), (2, 1));
    let Value::Map(b) = &map[1].1.value else {
        panic!("a mapping")
    };
    assert_eq!(place(&b[0].1), (3, 6));
    assert_eq!(place(&b[1].1), (4, 3));
    let Value::List(d) = &b[1].1.value else {
        panic!("a list")
    };
    assert_eq!(place(&d[0]), (5, 5));
}
