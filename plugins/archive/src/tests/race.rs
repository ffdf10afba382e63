//! Several hosts on one directory, at the same moment.

use std::{collections::BTreeMap, sync::Barrier, thread};

use super::*;

/// How often a race is run. Each lets other threads be interrupted elsewhere.
const ROUNDS: usize = 60;

/// Adds, replaces and removes files of its own until it may not any more, and says what it left
/// behind when it was last told that it had succeeded.
fn write(host: &Host, id: &str, writer: usize) -> BTreeMap<String, Vec<u8>> {
    let mut left = BTreeMap::new();
    for step in 0.. {
        let name = format!("writer-{writer}/{}/file", step % 5);
        let changed = if step % 3 == 2 {
            host.delete_file(id, &name).map(|()| left.remove(&name))
        } else {
            let content = vec![b'x'; step + 1];
            host.add(id, &name, content.clone())
                .map(|_| left.insert(name.clone(), content))
        };
        match changed {
            Ok(_) => {}
            Err(error) if error.kind() == Kind::NotFound => {
                assert_eq!(error.subject(), Some(name.as_str()));
            }
            Err(error) => {
                assert_eq!(error.kind(), Kind::Conflict, "{error}");
                // A change that was answered with a failure may have been in time.
                left.remove(&name);
                left.insert(format!("?{name}"), Vec::new());
                return left;
            }
        }
    }
    unreachable!()
}

#[test]
fn what_was_confirmed_is_published_and_nothing_comes_later() {
    for _ in 0..ROUNDS {
        let host = Host::new();
        let id = host.create();
        let start = Barrier::new(5);
        let (left, identifiers) = thread::scope(|scope| {
            let writers: Vec<_> = (0..3)
                .map(|writer| {
                    let (host, start, id) = (host.beside("alice", &[]), &start, &id);
                    scope.spawn(move || {
                        start.wait();
                        write(&host, id, writer)
                    })
                })
                .collect();
            let publishers: Vec<_> = ["a:", "b:"]
                .map(|prefix| {
                    let host = host.beside("alice", &[("identifier_prefix", prefix)]);
                    let (start, id) = (&start, &id);
                    scope.spawn(move || {
                        start.wait();
                        thread::yield_now();
                        host.publish(id).unwrap()
                    })
                })
                .into_iter()
                .collect();
            (
                writers
                    .into_iter()
                    .map(|writer| writer.join().unwrap())
                    .collect::<Vec<_>>(),
                publishers
                    .into_iter()
                    .map(|one| one.join().unwrap())
                    .collect::<Vec<_>>(),
            )
        });
        // One identifier, whoever is asked.
        assert_eq!(identifiers[0], identifiers[1]);
        assert_eq!(host.publish(&id).unwrap(), identifiers[0]);
        // What lies there is what the manifest says, all of it and no more.
        let listed = checked_manifest(&host.published(&id, ""));
        let on_disk = files_below(&host.published(&id, "data"));
        assert_eq!(listed.len(), on_disk);
        for left in left {
            let unsure = left.keys().find_map(|name| name.strip_prefix('?')).unwrap();
            let writer = unsure.split('/').next().unwrap();
            for (name, content) in left.iter().filter(|(name, _)| !name.starts_with('?')) {
                assert_eq!(&host.read(&id, name).unwrap(), content, "{name}");
            }
            let own = listed.iter().filter(|name| name.starts_with(writer));
            let surprising = own
                .filter(|name| !left.contains_key(*name) && *name != unsure)
                .count();
            assert_eq!(surprising, 0);
        }
        host.assert_unchangeable(&id, Kind::Conflict);
    }
}

fn files_below(folder: &DiskPath) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        count += if path.is_dir() { files_below(&path) } else { 1 };
    }
    count
}

#[test]
fn a_project_is_either_published_or_removed() {
    for _ in 0..ROUNDS {
        let host = Host::new();
        let id = host.create();
        host.add(&id, "a.txt", "a").unwrap();
        let start = Barrier::new(2);
        let (deleted, publication) = thread::scope(|scope| {
            let deleting = scope.spawn(|| {
                start.wait();
                host.beside("alice", &[]).delete(&id)
            });
            start.wait();
            let publication = host.publish(&id);
            (deleting.join().unwrap(), publication)
        });
        match (deleted, publication) {
            (Ok(()), Err(error)) => assert_eq!(error.kind(), Kind::NotFound),
            (Err(error), Ok(_)) => {
                assert_eq!(error.kind(), Kind::Conflict);
                assert_eq!(host.read(&id, "a.txt").unwrap(), b"a");
            }
            both => panic!("{both:?}"),
        }
    }
}
