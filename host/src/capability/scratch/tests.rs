use std::sync::atomic::Ordering;

use bytes::Bytes;
use wasmtime_wasi::p2::StreamError;

use super::scratch::{Host as _, HostFile as _};
use super::*;
use crate::bindings::types::Error;
use crate::capability::{Grants, Limit};

struct Sandbox {
    context: Context,
    grant: Option<Grant>,
    used: Arc<AtomicU64>,
    usage: Arc<Usage>,
    table: ResourceTable,
}

impl Sandbox {
    fn new(bytes_max: Option<u64>) -> Self {
        Self {
            context: Context::new("r".into(), "c".into()),
            usage: Usage::new(&Grants::default(), &Arc::default()),
            grant: bytes_max.map(|bytes_max| Grant {
                bytes_max,
                directory: std::env::temp_dir(),
            }),
            used: Arc::default(),
            table: ResourceTable::new(),
        }
    }

    fn view(&mut self) -> View<'_> {
        View {
            context: &self.context,
            grant: self.grant.as_ref(),
            usage: &self.usage,
            used: &self.used,
            table: &mut self.table,
        }
    }

    fn file(&mut self) -> Resource<File> {
        self.view().create().unwrap()
    }

    fn append(&mut self, file: &Resource<File>, bytes: &'static [u8]) -> Result<(), StreamError> {
        let stream = self.view().append(same(file)).unwrap();
        let written = self
            .table
            .get_mut(&stream)
            .unwrap()
            .write(Bytes::from_static(bytes));
        self.table.delete(stream).unwrap();
        written
    }
}

type Result<T, E> = std::result::Result<T, E>;

fn same<T: 'static>(resource: &Resource<T>) -> Resource<T> {
    Resource::new_borrow(resource.rep())
}

#[test]
fn without_a_grant_there_is_nothing() {
    let refused = Sandbox::new(None).view().create();
    assert!(matches!(refused, Err(Refusal::Outcome(Error::Denied(_)))));
}

#[test]
fn what_was_appended_is_read_from_any_offset() {
    let mut sandbox = Sandbox::new(Some(100));
    let file = sandbox.file();
    sandbox.append(&file, b"one ").unwrap();
    sandbox.append(&file, b"two").unwrap();
    assert_eq!(sandbox.view().size(same(&file)).unwrap(), 7);

    let stream = sandbox.view().open(same(&file), 4).unwrap();
    let stream = sandbox.table.get_mut(&stream).unwrap();
    assert_eq!(stream.read(100).unwrap(), "two");
    assert!(matches!(stream.read(100), Err(StreamError::Closed)));

    let past = sandbox.view().open(same(&file), 8);
    assert!(matches!(past, Err(Refusal::Outcome(Error::Invalid(_)))));
}

#[test]
fn the_quota_covers_all_files_and_names_itself() {
    let mut sandbox = Sandbox::new(Some(10));
    let (one, two) = (sandbox.file(), sandbox.file());
    sandbox.append(&one, b"123456").unwrap();
    let Err(StreamError::Trap(error)) = sandbox.append(&two, b"12345") else {
        panic!("the quota was passed");
    };
    assert_eq!(error.downcast_ref::<Limit>().unwrap().name, "scratch_bytes");
    sandbox.append(&two, b"1234").unwrap();
}

#[test]
fn a_file_gives_its_share_back_when_its_last_stream_is_gone() {
    let mut sandbox = Sandbox::new(Some(10));
    let file = sandbox.file();
    sandbox.append(&file, b"0123456789").unwrap();
    let reading = sandbox.view().open(same(&file), 0).unwrap();
    scratch::HostFile::drop(&mut sandbox.view(), file).unwrap();
    assert_eq!(sandbox.used.load(Ordering::Acquire), 10);
    sandbox.table.delete(reading).unwrap();
    assert_eq!(sandbox.used.load(Ordering::Acquire), 0);
}
