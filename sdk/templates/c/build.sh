#!/usr/bin/env bash
# Makes {{name}}.wasm of plugin.c: bindings of wit/, a core module of both, a component of that.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH

wit-bindgen c wit --world project --out-dir gen >/dev/null
python3 -m ziglang cc --target=wasm32-wasi -mexec-model=reactor -Oz -Wall -Wextra -s \
    -Wl,-z,stack-size=65536 \
    plugin.c gen/project.c gen/project_component_type.o -o gen/core.wasm
jco new gen/core.wasm --wasi-reactor --output {{name}}.wasm >/dev/null
