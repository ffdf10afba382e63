#!/usr/bin/env bash
# Provides what the test suites run against and did not write: Apache's and rclone's WebDAV, an OCI registry with
# skopeo and openssl beside it, OpenStack's Swift and Keystone, the load generator wrk, the Python client that the RDS port's callers use, with
# both generations of the library underneath it, and the tools that make components of JavaScript, Python and C. With the
# argument `load` it provides what the bench and the long runs need alone: wrk, and the servers of sqAPI.
#
#   target/test-venv/urllib3-1.26/bin/python   does not raise when a body of known length is cut short
#   target/test-venv/urllib3-2/bin/python      raises
#   target/test-venv/psycopg2/bin/python       the PostgreSQL client whose results the capability `sql` is held against
#   target/test-venv/languages/bin/            zig, as `python3 -m ziglang`, and componentize-py
#   target/test-tools/node_modules/.bin/       componentize-js, jco
#   target/test-tools/bin/                     wit-bindgen
#
# The second run changes nothing. Progress goes to stderr.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VENVS=target/test-venv
readonly TOOLS=target/test-tools

# shellcheck source=sdk/apt.sh
source sdk/apt.sh

say() { echo "test setup: $*" >&2; }
die() { say "$*"; exit 1; }

# The -bin package has the server and its modules but starts no service.
require_apache() {
    [[ -x /usr/sbin/apache2 && -e /etc/mime.types ]] || apt_install apache2-bin media-types
}

require_rclone() {
    [[ -x /usr/bin/rclone ]] || apt_install rclone
}

# Started by the suites themselves, on addresses of their own.
require_registry() {
    [[ -x /usr/bin/docker-registry && -x /usr/bin/skopeo && -x /usr/bin/openssl ]] \
        || apt_install docker-registry skopeo openssl
}

# Installs packages that bring services, and lets none of these start: the suites start their own. invoke-rc.d and
# deb-systemd-invoke ask policy-rc.d; one that is there already is somebody's will.
apt_install_stopped() {
    local policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt_install "$@"
}

require_swift() {
    local program
    for program in swift-{proxy,account,container,object}-server memcached keystone-manage keystone-wsgi-public; do
        if [[ ! -x /usr/bin/$program ]]; then
            apt_install_stopped swift-{proxy,account,container,object} memcached keystone
            return
        fi
    done
}

# Brokers and stores of sqAPI, of which the suites start their own.
require_sqapi() {
    [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || apt_install_stopped rabbitmq-server
    [[ -x /usr/sbin/nats-server || -x /usr/bin/nats-server ]] || apt_install_stopped nats-server
    [[ -x /usr/bin/redis-server ]] || apt_install_stopped redis-server
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || apt_install_stopped postgresql
}

require_wrk() {
    [[ -x /usr/bin/wrk ]] || apt_install wrk
}

# A Python that can make a virtual environment with pip in it; Debian ships the two apart.
find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    apt_install python3-venv
    echo /usr/bin/python3
}

# Makes the environment $1 with exactly the packages that follow, unless it is there.
venv() {
    local dir=$VENVS/$1 wanted
    shift
    wanted=$*
    if [[ -x $dir/bin/python && -r $dir/made-of && $(<"$dir/made-of") == "$wanted" ]]; then return; fi
    say "making $dir with $wanted"
    rm -rf "$dir"
    "${python:=$(find_python)}" -m venv "$dir"
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
    echo "$wanted" >"$dir/made-of"
}

# The oldest Node that componentize-js runs on.
readonly NODE_MAJOR_MIN=20

require_node() {
    local major=0
    if command -v node >/dev/null; then major=$(node -p 'process.versions.node.split(".")[0]'); fi
    if ((major < NODE_MAJOR_MIN)) || ! command -v npm >/dev/null; then
        die "needs Node $NODE_MAJOR_MIN or later with npm, for the plugins in JavaScript and C; install it from https://nodejs.org"
    fi
}

# Installs exactly the npm packages $@, unless they are there.
npm_packages() {
    if [[ -r $TOOLS/npm-made-of && $(<"$TOOLS/npm-made-of") == "$*" ]]; then return; fi
    require_node
    say "installing $* from npm"
    rm -rf "$TOOLS/node_modules" "$TOOLS/package.json" "$TOOLS/package-lock.json"
    echo '{"private": true}' >"$TOOLS/package.json"
    npm install --prefix "$TOOLS" --no-audit --no-fund --save-exact "$@" >&2
    echo "$*" >"$TOOLS/npm-made-of"
}

# Compiles the bindings generator $1, unless it is there: nobody packages it. Two minutes on two cores.
wit_bindgen() {
    if [[ -x $TOOLS/bin/wit-bindgen && $("$TOOLS/bin/wit-bindgen" --version) == "wit-bindgen-cli $1" ]]; then return; fi
    say "compiling wit-bindgen $1"
    CARGO_TARGET_DIR="$TOOLS/build" CARGO_PROFILE_DEV_DEBUG=0 \
        cargo install "wit-bindgen-cli@$1" --locked --debug --no-default-features --features c --force --root "$TOOLS" >&2
    rm -rf "$TOOLS/build"
}

require_wrk
require_sqapi
if [[ ${1:-all} == load ]]; then exit 0; fi
mkdir -p "$VENVS" "$TOOLS"
if command -v flock >/dev/null; then
    exec 9>"$VENVS/lock"
    flock 9
fi
require_apache
require_rclone
require_registry
require_swift
venv urllib3-1.26 requests==2.25.1 urllib3==1.26.20
venv urllib3-2 requests==2.34.2 urllib3==2.8.0
venv psycopg2 psycopg2-binary==2.9.13
venv languages ziglang==0.17.1 componentize-py==0.25.1
npm_packages @bytecodealliance/componentize-js@0.23.0 @bytecodealliance/jco@1.35.0
wit_bindgen 0.61.1
