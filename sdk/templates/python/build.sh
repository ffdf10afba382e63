#!/usr/bin/env bash
# Makes {{name}}.wasm of plugin.py.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PWD/.venv/bin:$PATH

componentize-py --wit-path wit --world project componentize plugin --output {{name}}.wasm
