#!/usr/bin/env bash
# Makes {{name}}.wasm of plugin.js.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PWD/node_modules/.bin:$PATH

# Without these features the component imports nothing that its world does not name.
componentize-js plugin.js --wit wit --world-name project --out {{name}}.wasm \
    --disable stdio --disable random --disable clocks --disable http --disable fetch-event
