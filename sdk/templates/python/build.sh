#!/usr/bin/env bash
# Makes {{name}}.wasm of plugin.py.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PWD/.venv/bin:$PATH

# Python's own imports, sockets among them, are cut off: a plugin reaches the world through its capabilities alone.
# Its `random` then repeats itself in every sandbox: take no key or token from it.
componentize-py --wit-path wit --world project componentize --stub-wasi plugin --output {{name}}.wasm
