#!/usr/bin/env bash
# Provides what the test suites run against and did not write: Apache's and rclone's WebDAV, the load generator
# wrk, and the Python client that the RDS port's callers use, with both generations of the library underneath it.
# With the argument `load` it provides the load generator alone.
#
#   target/test-venv/urllib3-1.26/bin/python   does not raise when a body of known length is cut short
#   target/test-venv/urllib3-2/bin/python      raises
#
# The second run changes nothing. Progress goes to stderr.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VENVS=target/test-venv

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

require_wrk
if [[ ${1:-all} == load ]]; then exit 0; fi
mkdir -p "$VENVS"
if command -v flock >/dev/null; then
    exec 9>"$VENVS/lock"
    flock 9
fi
require_apache
require_rclone
venv urllib3-1.26 requests==2.25.1 urllib3==1.26.20
venv urllib3-2 requests==2.34.2 urllib3==2.8.0
