#!/usr/bin/env bash
# Runs clippy over what plugins and guests compile for wasm only.
#
# Clippy brings a compiler of its own, which can only read a standard library built by the same version:
# where the target comes from Debian's packages there is nothing it could check against.
set -euo pipefail
cd "$(dirname "$0")/.."

rustc=$(sdk/toolchain.sh)
if [[ ! $rustc -ef $(rustc --print sysroot)/bin/rustc ]]; then
    echo "lint: no wasm target for clippy's own compiler, skipping plugins and guests" >&2
    exit 0
fi
CARGO_TARGET_DIR=target/wasm cargo clippy --target wasm32-wasip2 --workspace \
    --exclude tenon-fakes --exclude tenon-host --exclude tenon-tests -- -D warnings
