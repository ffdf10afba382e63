//! What the servers here have in common: a port of their own, and the time until they listen to it.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::Child,
    thread,
    time::{Duration, Instant},
};

pub(crate) fn unused_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub(crate) fn wait_until_it_listens(server: &mut Child, port: u16, log: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = fs::read_to_string(log).unwrap_or_default();
        assert_eq!(server.try_wait().unwrap(), None, "the server ended: {log}");
        assert!(Instant::now() < deadline, "the server does not listen");
        thread::sleep(Duration::from_millis(20));
    }
}
