//! Files on their way in.

use std::{
    io,
    io::Read as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tenon_fakes::Fault;

use super::*;

/// Content that counts what was taken of it.
struct Counted {
    left: u64,
    taken: Arc<AtomicU64>,
}

impl io::Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = io::repeat(7).take(self.left).read(buffer)?;
        self.left -= count as u64;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn content(size: u64, known: bool) -> (Reader<'static>, Arc<AtomicU64>) {
    let taken = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        left: size,
        taken: Arc::clone(&taken),
    };
    (Reader::from_read(counted, known.then_some(size)), taken)
}

#[test]
fn an_upload_is_one_look_and_one_put_with_a_length() {
    let fixture = Fixture::new();
    let id = fixture.created();
    for status in [201, 200] {
        fixture.fake.answer_bucket_upload_with(status);
        let before = fixture.fake.calls().len();
        let added = fixture.add(&id, "sub/a b.txt", b"hello").unwrap();
        assert_eq!((&*added.name, added.size), ("sub/a b.txt", Some(5)));
        assert_eq!(object(&added.details)["size"], 5);
        assert_eq!(fixture.lines(before), ["Get", "PutObject"]);
        let put = fixture.fake.calls().remove(before + 1);
        assert!(put.path.ends_with("/sub%252Fa%20b.txt"), "{}", put.path);
        assert_eq!(put.header("content-length"), "5");
        assert_eq!(put.header("content-type"), "application/octet-stream");
        assert_eq!(put.header("authorization"), format!("Bearer {TOKEN}"));
    }
    assert_eq!(fixture.kept(&id).files.len(), 1);
}

#[test]
fn names_do_not_collide_and_come_back() {
    let fixture = Fixture::new();
    let id = fixture.created();
    let names = [
        "a/x",
        "b/x",
        "a_x",
        "x",
        "a%2Fx",
        "a%252Fx",
        "100% \u{fc}?#&+\".txt",
        "a/b/c/d",
    ];
    for name in names {
        fixture.add(&id, name, name.as_bytes()).unwrap();
    }
    let files = fixture.files(&id);
    let listed: Vec<_> = files.iter().map(|file| &*file.name).collect();
    assert_eq!(listed, names);
    for (name, kept) in names.iter().zip(&fixture.kept(&id).files) {
        assert_eq!(kept.content.as_deref(), Some(name.as_bytes()));
    }
    let root = fixture
        .run(|zenodo| zenodo.add_file(&id, &Path::root(), Some(1), &mut Reader::from_bytes("x")));
    assert_eq!(root.unwrap_err().kind(), Kind::Invalid);
}

#[test]
fn a_second_file_of_a_name_replaces_the_first() {
    let fixture = Fixture::new();
    let id = fixture.created();
    fixture.add(&id, "a/x", b"first").unwrap();
    fixture.add(&id, "a/x", b"second").unwrap();
    let kept = fixture.kept(&id).files;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].content.as_deref(), Some(&b"second"[..]));
    // An empty file is a file.
    fixture.add(&id, "a/x", b"").unwrap();
    assert_eq!(fixture.files(&id)[0].size, Some(0));
}

#[test]
fn sizes_known_or_not_are_sent_with_a_length() {
    const SIZE: u64 = 64 << 20;
    let fixture = Fixture::new();
    let id = fixture.created();
    for known in [true, false] {
        let (mut content, taken) = content(SIZE, known);
        let size = content.remaining();
        let path = Path::new(&format!("big-{known}")).unwrap();
        let added = fixture
            .run(|zenodo| zenodo.add_file(&id, &path, size, &mut content))
            .unwrap();
        assert_eq!(added.size, Some(SIZE));
        assert_eq!(taken.load(Ordering::Relaxed), SIZE);
    }
    let kept = fixture.kept(&id).files;
    assert_eq!((kept[0].size, kept[1].size), (SIZE, SIZE));
    assert_eq!(kept[0].md5, kept[1].md5);
    for put in fixture.fake.calls_of(Operation::PutObject) {
        assert_eq!(put.header("content-length"), SIZE.to_string());
        assert_eq!(put.header("transfer-encoding"), "");
    }
}

#[test]
fn content_of_known_size_is_never_held_whole() {
    let fixture = Fixture::new();
    let id = fixture.created();
    fixture
        .fake
        .fail(Operation::PutObject, 1, Fault::CloseInRequest(1 << 20));
    let (mut content, taken) = content(1 << 30, true);
    let path = Path::new("big").unwrap();
    let added = fixture.run(|zenodo| zenodo.add_file(&id, &path, Some(1 << 30), &mut content));
    assert_eq!(added.unwrap_err().kind(), Kind::Unavailable);
    // What is on the way is in the buffers of two sockets.
    assert!(taken.load(Ordering::Relaxed) < 64 << 20);
    assert!(fixture.kept(&id).files.is_empty());
    assert_eq!(fixture.fake.calls_of(Operation::PutObject).len(), 1);
}

#[test]
fn content_that_breaks_off_is_not_stored() {
    let fixture = Fixture::new();
    let id = fixture.created();
    fixture.add(&id, "a", b"earlier").unwrap();
    let broken = io::repeat(1).take(100_000);
    let mut content = Reader::from_read(broken, Some(200_000));
    let path = Path::new("a").unwrap();
    let added = fixture.run(|zenodo| zenodo.add_file(&id, &path, Some(200_000), &mut content));
    assert_eq!(added.unwrap_err().kind(), Kind::Unavailable);
    let kept = fixture.kept(&id).files;
    assert_eq!(kept[0].content.as_deref(), Some(&b"earlier"[..]));
}

#[test]
fn content_is_not_taken_for_a_deposit_that_cannot_have_it() {
    let fixture = Fixture::new();
    let (mut content, taken) = content(10, false);
    let path = Path::new("a").unwrap();
    let added = fixture.run(|zenodo| zenodo.add_file("1", &path, None, &mut content));
    assert_eq!(added.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(taken.load(Ordering::Relaxed), 0);
}
