use super::*;

fn parsing(parser: Parser) -> Parsing {
    Parsing {
        parser,
        fields: Fields::default(),
    }
}

fn json(body: &str) -> Result<Message, Unreadable> {
    read(&parsing(Parser::Json), body.as_bytes())
}

fn refused(body: &str) -> String {
    json(body).unwrap_err().reason
}

const WHOLE: &str = r#"{"uuid_ref":"u","data_type":"Image/JPEG; q=1","data_location":"/a","meta_location":"m","more":[1]}"#;

#[test]
fn the_fields_are_where_the_configuration_says() {
    let message = json(WHOLE).unwrap();
    assert_eq!(message.uuid, "u");
    assert_eq!(message.media_type, "image/jpeg");
    assert_eq!(message.data_location.as_deref(), Some("/a"));
    assert_eq!(message.meta_location.as_deref(), Some("m"));
    assert_eq!(message.metadata, None);
    assert_eq!(&*message.body, WHOLE);
}

#[test]
fn missing_fields_are_named_in_their_order() {
    assert_eq!(
        refused(r#"{"data_type":"x","meta_location":"m"}"#),
        "The field(/s) \"uuid_ref\", \"data_location\" are missing in the message"
    );
    let unreadable = json(r#"{"uuid_ref":"u"}"#).unwrap_err();
    assert_eq!(unreadable.uuid.as_deref(), Some("u"));
}

#[test]
fn what_is_no_object_is_refused() {
    assert!(refused("[1]").contains("no object"));
    assert!(refused("7").contains("no object"));
    assert!(refused("{").contains("no JSON"));
    let garbage = read(&parsing(Parser::Json), b"\xff\xfe");
    assert!(garbage.unwrap_err().reason.contains("no UTF-8"));
}

#[test]
fn an_identity_is_text_or_digits_and_never_nothing() {
    let uuid = |value: &str| {
        json(&format!(
            r#"{{"uuid_ref":{value},"data_type":null,"data_location":"","meta_location":0}}"#
        ))
    };
    assert_eq!(uuid("17").unwrap().uuid, "17");
    let message = uuid("\"u\"").unwrap();
    assert_eq!(message.media_type, "");
    assert_eq!(message.data_location, None);
    assert_eq!(message.meta_location.as_deref(), Some("0"));
    for nothing in ["null", "\"\""] {
        let reason = uuid(nothing).unwrap_err().reason;
        assert_eq!(reason, "the field `uuid_ref` is empty");
    }
    for other in ["[]", "{}", "true", "\"a\\u0000b\""] {
        assert!(uuid(other).is_err(), "{other}");
    }
    let of_length = |length| uuid(&format!("\"{}\"", "x".repeat(length)));
    assert!(of_length(UUID_BYTES_MAX).is_ok());
    let long = of_length(UUID_BYTES_MAX + 1).unwrap_err();
    assert_eq!(long.uuid, None);
    assert!(long.reason.contains("more than 1024 bytes"), "{long}");
}

#[test]
fn metadata_is_json_in_a_text_or_an_object() {
    let metadata = |value: &str| {
        let body = WHOLE.replace("\"more\":[1]", &format!("\"metadata\":{value}"));
        json(&body).map(|message| message.metadata)
    };
    assert_eq!(metadata(r#""{\"a\":1}""#).unwrap().unwrap(), r#"{"a":1}"#);
    assert_eq!(metadata(r#"{"a":1}"#).unwrap().unwrap(), r#"{"a":1}"#);
    assert_eq!(metadata(r#""[1]""#).unwrap().unwrap(), "[1]");
    for empty in ["null", "\"\"", "{}"] {
        assert_eq!(metadata(empty).unwrap(), None, "{empty}");
    }
    for wrong in ["7", "[1]", "\"{\"", "true"] {
        assert!(metadata(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn keys_that_were_once_reserved_are_keys_like_any_other() {
    let body = WHOLE.replace("more", "script_path");
    assert!(json(&body).is_ok());
}

#[test]
fn fields_between_delimiters() {
    let format = ["uuid_ref", "data_location", "meta_location", "data_type"];
    let parsing = parsing(Parser::Delimited {
        format: format.map(str::to_owned).into(),
        delimiter: "|".to_owned(),
    });
    let message = read(&parsing, "u|/a|m|text/plain|surplus".as_bytes()).unwrap();
    assert_eq!(message.media_type, "text/plain");
    let body: Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 4);
    let short = read(&parsing, b"u|/a").unwrap_err();
    assert!(short.reason.contains("\"data_type\""), "{short}");
    assert!(short.reason.contains("\"meta_location\""), "{short}");
}

#[test]
fn a_marked_text_is_read_without_its_mark() {
    assert!(json(&format!("\u{feff}{WHOLE}")).is_ok());
}
