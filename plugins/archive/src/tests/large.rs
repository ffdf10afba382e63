//! Files of any size pass through a bounded amount of memory.

use std::io::{self, Read as _};

use bytes::Bytes;
use tenon_sdk::{native::Receiver, repository::Head};

use super::*;

/// A large file.
const SIZE: u64 = 512 << 20;
/// Memory of the whole process: less than the file, more than the other tests hold together.
const MEMORY_MAX: u64 = SIZE / 2;

/// Counts what arrives.
#[derive(Default)]
struct Counted {
    head: Option<Head>,
    bytes: u64,
}

impl Receiver for Counted {
    fn begin(&mut self, head: Head) -> Result<()> {
        self.head = Some(head);
        Ok(())
    }

    fn send(&mut self, bytes: Bytes) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

/// The most memory that this process ever held.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    kibibytes << 10
}

#[test]
fn a_large_file_never_is_in_memory() {
    let host = Host::new();
    let id = host.create();
    let name = Path::new("large").unwrap();
    let mut content = Reader::from_read(io::repeat(b'x').take(SIZE), None);
    let added = host.run(|archive| archive.add_file(&id, &name, None, &mut content));
    assert_eq!(added.unwrap().size, Some(SIZE));
    for _ in ["draft", "published"] {
        let mut counted = Counted::default();
        host.run(|archive| archive.read_file(&id, "large", Sink::to(&mut counted)))
            .unwrap();
        assert_eq!(counted.bytes, SIZE);
        assert_eq!(counted.head.unwrap().size, Some(SIZE));
        host.publish(&id).unwrap();
    }
    let peak = peak_memory();
    assert!(peak < MEMORY_MAX, "{peak}");
}
