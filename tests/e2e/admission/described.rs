//! What a component says about itself, and what it costs to ask.

use tenon_tests::handmade::Handmade;

use super::Rig;

async fn check(component: Handmade, code: &str, says: &str) {
    let refusal = Rig::new().refused(component.build()).await;
    assert_eq!(refusal.code(), code, "{refusal}");
    let text = refusal.to_string();
    assert!(text.contains(says), "{text}");
}

#[tokio::test]
async fn facts_are_what_it_says() {
    let component = Handmade {
        name: "a-1".to_owned(),
        version: "1.2.3-rc.1+b".to_owned(),
        config_schema: r#"{"type": "object"}"#.to_owned(),
        wants: vec!["http".to_owned(), "files".to_owned()],
        ..Handmade::default()
    };
    let bytes = component.build();
    let facts = Rig::new().admit(bytes.clone()).await.unwrap().facts;
    assert_eq!((&*facts.name, &*facts.version), ("a-1", "1.2.3-rc.1+b"));
    assert_eq!(facts.config_schema["type"], "object");
    assert!(facts.wants.iter().eq(["files", "http"]));
    assert_eq!(facts.size, bytes.len() as u64);
    assert_eq!(facts.memory_bytes_min, 2 << 16);
    assert_eq!(facts.contract, "0.1");
    let stored = serde_json::to_string(&facts).unwrap();
    assert_eq!(
        serde_json::from_str::<tenon_host::plugin::Facts>(&stored).unwrap(),
        facts
    );
}

#[tokio::test]
async fn one_that_traps_is_refused() {
    let describe = "unreachable".to_owned();
    let component = Handmade {
        describe,
        ..Handmade::default()
    };
    check(component, "describe-trapped", "`unreachable`").await;
}

#[tokio::test]
async fn one_that_spins_is_refused() {
    let describe = "(loop $for_ever br $for_ever)".to_owned();
    let component = Handmade {
        describe,
        ..Handmade::default()
    };
    check(component, "describe-timeout", "within 5 s").await;
}

#[tokio::test]
async fn one_that_takes_too_much_is_refused() {
    // A page more than 64 MiB, which no pooled sandbox has.
    let describe = "(drop (memory.grow (i32.const 1023)))".to_owned();
    let component = Handmade {
        describe,
        ..Handmade::default()
    };
    check(component, "describe-limit", "memory_bytes").await;
}

#[tokio::test]
async fn one_that_answers_beyond_its_memory_is_refused() {
    let component = Handmade {
        describe: "(i32.store (i32.const 68) (i32.const -1))".to_owned(),
        ..Handmade::default()
    };
    check(component, "bad-description", "description").await;
}

#[tokio::test]
async fn names_and_versions_have_a_form() {
    for name in [
        "",
        "Upper",
        "-x",
        "x-",
        "a.b",
        "a\u{1b}[2J",
        &"x".repeat(64),
    ] {
        let name = name.to_owned();
        let component = Handmade {
            name,
            ..Handmade::default()
        };
        check(component, "bad-description", "wrong name").await;
    }
    for version in ["", "1", "1.2", "v1.2.3", "1.2.3 beta"] {
        let version = version.to_owned();
        let component = Handmade {
            version,
            ..Handmade::default()
        };
        check(component, "bad-description", "wrong version").await;
    }
}

#[tokio::test]
async fn what_no_grant_gives_cannot_be_wanted() {
    let component = Handmade {
        wants: ["http", "kernel", "root\n"].map(str::to_owned).into(),
        ..Handmade::default()
    };
    check(component, "unknown-wants", r"`kernel`, `root\n`").await;
}

#[tokio::test]
async fn a_schema_is_one_and_stays_within_itself() {
    for (schema, says) in [
        ("", "no JSON"),
        ("[]", "neither an object"),
        (r#"{"type": "strnig"}"#, "/type"),
        (r#"{"pattern": "("}"#, "pattern"),
        (
            r#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#,
            "2020-12",
        ),
        (r#"{"$ref": "https://example.org/schema"}"#, "not within"),
    ] {
        let component = Handmade {
            config_schema: schema.to_owned(),
            ..Handmade::default()
        };
        check(component, "bad-schema", says).await;
    }
}
