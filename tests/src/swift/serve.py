#!/usr/bin/python3
"""Runs one OpenStack Swift on private addresses, and a Keystone beside it when asked to.

    serve.py PROXY ACCOUNT CONTAINER OBJECT MEMCACHED [KEYSTONE]

The addresses are HOST:PORT. Prints a line once all of it answers, and ends, with all that it started and stored,
when its standard input does: whoever started it may be killed.

Without Keystone one logs in at Swift itself (tempauth, version 1), as test:tester, test:reader or other:bob;
with it as tester of the project test in the domain Default. The keys are in USERS.
"""

import ctypes
import json
import os
import pwd
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

from swift.common.ring import RingBuilder

KINDS = ("account", "container", "object")
USERS = """
user_test_tester = tok3n-tester .admin
user_test_reader = tok3n-reader
user_other_bob = tok3n-bob .admin
"""
TESTER = "tok3n-tester"
ADMIN = "tok3n-admin"
SERVICE = "tok3n-service"
# A busy machine takes its time.
PATIENCE_S = 120

SERVER = """
[DEFAULT]
bind_ip = {host}
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/node
mount_check = false
fallocate_reserve = 0
"""
STORAGE = """
[pipeline:main]
pipeline = healthcheck {kind}-server
[filter:healthcheck]
use = egg:swift#healthcheck
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache {auth} copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = {memcached}
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:tempauth]
use = egg:swift#tempauth
token_life = 86400
{users}
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, swiftoperator
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = http://{keystone}/v3
auth_url = http://{keystone}/v3
auth_type = password
username = swift
password = {service}
project_name = service
user_domain_id = default
project_domain_id = default
delay_auth_decision = true
cache = swift.cache
"""
KEYSTONE = """
[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///{folder}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = {folder}/fernet
[fernet_receipts]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
"""


def die_with_parent():
    """In a child: PR_SET_PDEATHSIG of prctl(2), for when this program itself is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Servers:
    """Everything that runs, by what it is called."""

    def __init__(self, folder):
        self.folder = folder
        self.running = {}

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self, name, command, **environment):
        with open(os.path.join(self.folder, f"{name}.log"), "wb") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )

    def log(self, name):
        with open(os.path.join(self.folder, f"{name}.log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, name, url):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with urllib.request.urlopen(url, timeout=10):
                    return
            except OSError:
                pass
            if self.running[name].poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{name} does not serve:\n{self.log(name)}")
            time.sleep(0.05)

    def stop(self):
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()


def make_rings(servers, addresses):
    """One device, two partitions, one replica."""
    for kind, (host, port) in zip(KINDS, addresses):
        builder = RingBuilder(1, 1, 0)
        device = {"id": 0, "region": 1, "zone": 1, "weight": 1.0, "device": "d1", "meta": ""}
        device.update(ip=host, port=port, replication_ip=host, replication_port=port)
        builder.add_dev(device)
        builder.rebalance()
        builder.get_ring().save(os.path.join(servers.folder, f"{kind}.ring.gz"))


def start_swift(servers, proxy, storage, memcached, keystone):
    user = pwd.getpwuid(os.geteuid()).pw_name
    os.makedirs(os.path.join(servers.folder, "node/d1"))
    servers.write("swift.conf", "[swift-hash]\nswift_hash_path_prefix = tests\nswift_hash_path_suffix = tests\n")
    make_rings(servers, storage)
    host, port = memcached
    servers.start("memcached", ["memcached", "-l", host, "-p", str(port), "-U", "0", "-m", "16", "-u", user])
    own = {"user": user, "folder": servers.folder}
    for kind, (host, port) in zip(KINDS, storage):
        text = SERVER.format(host=host, port=port, **own) + STORAGE.format(kind=kind)
        servers.start(kind, [f"swift-{kind}-server", servers.write(f"{kind}.conf", text), "-v"])
    host, port = proxy
    text = SERVER.format(host=host, port=port, **own) + PROXY.format(
        auth="authtoken keystoneauth" if keystone else "tempauth",
        users=USERS,
        memcached="{}:{}".format(*memcached),
        keystone="{}:{}".format(*keystone or proxy),
        service=SERVICE,
    )
    servers.start("proxy", ["swift-proxy-server", servers.write("proxy.conf", text), "-v"])


def start_keystone(servers, address):
    url = "http://{}:{}/v3".format(*address)
    config = ["--config-file", servers.write("keystone.conf", KEYSTONE.format(folder=servers.folder))]
    owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
    for name in ("fernet", "credential"):
        os.mkdir(os.path.join(servers.folder, name), mode=0o700)
    region = ["--bootstrap-region-id", "RegionOne"]
    urls = [f"--bootstrap-{interface}-url={url}/" for interface in ("public", "internal")]
    for arguments in (
        ["db_sync"],
        ["fernet_setup", *owner],
        ["credential_setup", *owner],
        ["bootstrap", "--bootstrap-password", ADMIN, *urls, *region],
    ):
        manage = subprocess.run(["keystone-manage", *config, *arguments], capture_output=True, text=True, check=False)
        if manage.returncode != 0:
            sys.exit(f"keystone-manage {arguments[0]}:\n{manage.stdout}{manage.stderr}")
    # Without write-ahead logging two requests at once are "database is locked".
    with sqlite3.connect(os.path.join(servers.folder, "keystone.db")) as database:
        database.execute("pragma journal_mode=wal")
    host, port = address
    command = ["keystone-wsgi-public", "--host", host, "--port", str(port), "--", *config]
    servers.start("keystone", command, OS_KEYSTONE_CONFIG_DIR=servers.folder)


class Keystone:
    """What an administrator does to let Swift and its user in."""

    def __init__(self, url):
        self.url = url
        self.token = None
        user = {"name": "admin", "domain": {"name": "Default"}, "password": ADMIN}
        scope = {"project": {"name": "admin", "domain": {"name": "Default"}}}
        identity = {"methods": ["password"], "password": {"user": user}}
        answer = self.ask("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}})
        self.token = answer.headers["X-Subject-Token"]

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method))

    def make(self, kind, **members):
        answer = json.load(self.ask("POST", f"/{kind}s", {kind: members}))
        return answer[kind]["id"]

    def let_in(self, swift):
        role = self.make("role", name="swiftoperator")
        admin = json.load(self.ask("GET", "/roles?name=admin"))["roles"][0]["id"]
        for project, user, key, roles in (
            ("test", "tester", TESTER, [role]),
            ("service", "swift", SERVICE, [admin]),
        ):
            project = self.make("project", name=project, domain_id="default")
            user = self.make("user", name=user, password=key, domain_id="default")
            for granted in roles:
                self.ask("PUT", f"/projects/{project}/users/{user}/roles/{granted}")
        service = self.make("service", name="swift", type="object-store")
        url = f"http://{swift}/v1/AUTH_%(project_id)s"
        for interface in ("public", "internal"):
            self.make("endpoint", service_id=service, interface=interface, url=url, region_id="RegionOne")


def serve(servers, addresses):
    proxy, storage, memcached, keystone = addresses[0], addresses[1:4], addresses[4], addresses[5:]
    keystone = keystone[0] if keystone else None
    start_swift(servers, proxy, storage, memcached, keystone)
    if keystone:
        start_keystone(servers, keystone)
        url = "http://{}:{}/v3".format(*keystone)
        servers.wait_for("keystone", url)
        Keystone(url).let_in("{}:{}".format(*proxy))
    for name, (host, port) in zip((*KINDS, "proxy"), (*storage, proxy)):
        servers.wait_for(name, f"http://{host}:{port}/healthcheck")


def main():
    addresses = [address.rsplit(":", 1) for address in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(folder)
        try:
            serve(servers, [(host, int(port)) for host, port in addresses])
            print("serving", flush=True)
            sys.stdin.read()
        finally:
            servers.stop()


if __name__ == "__main__":
    main()
