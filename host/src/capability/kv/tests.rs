mod embedded;
mod redis;

use std::fmt;
use std::time::Duration;

use super::kv::Host as _;
use super::*;
use crate::bindings::types::Error;
use crate::capability::Grants as All;

/// A plugin that is granted the store `meta`.
struct Rig {
    grants: All,
    usage: Arc<Usage>,
    value_bytes_max: u64,
}

impl Rig {
    fn new(settings: Settings) -> Self {
        let mut grants = All::default();
        grants
            .kv
            .insert("meta".to_owned(), Grant::new(settings).unwrap());
        Self {
            usage: Usage::new(&grants, &Arc::default()),
            grants,
            value_bytes_max: 1 << 20,
        }
    }

    /// One that may write.
    fn writing(mut settings: Settings) -> Self {
        settings.access = Access::ReadWrite;
        Self::new(settings)
    }

    async fn get(&self, key: &str) -> Result<Option<Value>> {
        let context = Arc::new(Context::new("id".into(), "connector".into()));
        self.view(&context).get("meta".into(), key.into()).await
    }

    async fn set(&self, key: &str, value: Value) -> Result<()> {
        let context = Arc::new(Context::new("id".into(), "connector".into()));
        self.view(&context)
            .set("meta".into(), key.into(), value)
            .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let context = Arc::new(Context::new("id".into(), "connector".into()));
        self.view(&context).delete("meta".into(), key.into()).await
    }

    fn view<'a>(&'a self, context: &'a Arc<Context>) -> View<'a> {
        View {
            context,
            grants: &self.grants.kv,
            usage: &self.usage,
            value_bytes_max: self.value_bytes_max,
        }
    }
}

fn bytes(text: &str) -> Value {
    Value::Bytes(text.into())
}

fn hash(fields: &[(&str, &str)]) -> Value {
    let field = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    Value::Hash(fields.iter().map(field).collect())
}

/// A value in an order of its own.
/// A text's bytes, or a hash's fields.
type Sorted = (Option<Vec<u8>>, Vec<(String, Vec<u8>)>);

fn sorted(value: Option<Value>) -> Option<Sorted> {
    Some(match value? {
        Value::Bytes(bytes) => (Some(bytes), vec![]),
        Value::Hash(mut fields) => {
            fields.sort();
            (None, fields)
        }
    })
}

#[track_caller]
fn refused<T: fmt::Debug>(result: Result<T>) -> Error {
    match result {
        Err(Refusal::Outcome(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn broken<T: fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(Refusal::Trap(trap)) => trap.downcast_ref::<Limit>().unwrap().name,
        other => panic!("{other:?}"),
    }
}

/// What every store does.
async fn stores_and_finds(mut rig: Rig, key: &str) {
    assert!(rig.get(key).await.unwrap().is_none());
    for value in [
        bytes("abc"),
        bytes(""),
        hash(&[("content", "{}"), ("", "")]),
        bytes("\0\u{ff}"),
    ] {
        rig.set(key, value.clone()).await.unwrap();
        let found = rig.get(key).await.unwrap();
        assert_eq!(sorted(found), sorted(Some(value)));
    }
    let fields: Vec<_> = (0..2000).map(|n| (format!("f{n}"), vec![b'x'])).collect();
    rig.set(key, Value::Hash(fields.clone())).await.unwrap();
    let Some(Value::Hash(found)) = rig.get(key).await.unwrap() else {
        panic!("no hash");
    };
    assert_eq!(found.len(), fields.len());
    rig.value_bytes_max = 10;
    assert_eq!(broken(rig.get(key).await), "kv_value_bytes");
    assert_eq!(
        broken(rig.set(key, bytes("0123456789a")).await),
        "kv_value_bytes"
    );
    rig.value_bytes_max = 11;
    rig.set(key, bytes("0123456789a")).await.unwrap();
    assert!(rig.get(key).await.unwrap().is_some());
    rig.value_bytes_max = 10;
    assert_eq!(broken(rig.get(key).await), "kv_value_bytes");
    let empty = refused(rig.set(key, hash(&[])).await);
    assert!(matches!(empty, Error::Invalid(_)));
    rig.delete(key).await.unwrap();
    rig.delete(key).await.unwrap();
    assert!(rig.get(key).await.unwrap().is_none());
    let long = refused(rig.get(&"k".repeat(KEY_BYTES_MAX + 1)).await);
    assert!(matches!(long, Error::Invalid(_)));
}

#[tokio::test]
async fn what_is_not_granted_is_denied_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::Embedded(folder.path().join("meta.db"));
    Rig::writing(Settings::new(target.clone()))
        .set("a", bytes("b"))
        .await
        .unwrap();
    let rig = Rig::new(Settings::new(target));
    let context = Arc::new(Context::new("id".into(), "connector".into()));
    let other = rig.view(&context).get("other".into(), "a".into()).await;
    assert!(matches!(refused(other), Error::Denied(_)));
    let write = refused(rig.set("a", bytes("c")).await);
    assert!(matches!(write, Error::Denied(_)));
    let write = refused(rig.delete("a").await);
    assert!(matches!(write, Error::Denied(_)));
    assert!(rig.get("a").await.unwrap().is_some());
    let report = rig.usage.report(&rig.grants);
    assert_eq!(report.denied["kv"].times, 3);
    let used = &report.kv[0];
    assert_eq!(
        (used.reads.times, used.writes.times, used.may_write),
        (1, 0, false)
    );
}
