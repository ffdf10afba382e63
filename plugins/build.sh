#!/usr/bin/env bash
# Builds every plugin and every test guest into a component.
#
#   plugins/<name>/        package plugin-<name>  ->  target/plugins/<name>.wasm
#   tests/guests/<name>/   package guest-<name>   ->  target/guests/<name>.wasm
#
# With the argument `plugins` it leaves the guests out.
#
# Wasm builds have a target directory and a compiler of their own: two compilers in one directory would
# rebuild each other's output for ever. A file is replaced in one step, and only when it differs, so a
# running host never sees half a component nor a change that is none.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly only=${1:-all}
readonly WASM_DIR=target/wasm PROFILE=plugin
readonly BUILT=$WASM_DIR/wasm32-wasip2/$PROFILE

say() { echo "plugins: $*" >&2; }

# What .cargo/config.toml demands of the linker.
demanded() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" .cargo/config.toml; }

# Flags from the environment would silently replace those of .cargo/config.toml.
cargo_build() {
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_RUSTFLAGS \
        -u CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS -u CARGO_BUILD_TARGET \
        RUSTC="$rustc" CARGO_TARGET_DIR="$WASM_DIR" \
        cargo build --profile "$PROFILE" --target wasm32-wasip2 "$@"
}

# The names of the packages' folders below $1.
folders() {
    local manifest
    for manifest in "$1"/*/Cargo.toml; do
        [[ -e $manifest ]] || continue
        manifest=${manifest%/Cargo.toml}
        echo "${manifest##*/}"
    done
}

# Places the component $1 as $2, if it is linked as demanded and not there already. One with large tables may begin
# with more memory; its build.rs says so.
place() {
    local from=$1 to=$2 memory stack
    if cmp -s "$from" "$to"; then return; fi
    read -r memory stack < <(plugins/memory.sh "$from")
    if ((memory < memory_demanded || stack != stack_demanded)); then
        say "$from begins with $memory bytes of memory and $stack of stack;" \
            ".cargo/config.toml demands $memory_demanded and $stack_demanded"
        exit 1
    fi
    cp "$from" "$to.new"
    mv "$to.new" "$to"
    say "$to, $(($(wc -c <"$to") / 1024)) KiB"
}

# Places what was built of the folders below $1 with the package prefix $2 into $3.
place_all() {
    local source=$1 prefix=$2 into=$3 name old
    mkdir -p "$into"
    for name in $(folders "$source"); do
        place "$BUILT/${prefix}_${name//-/_}.wasm" "$into/$name.wasm"
    done
    for old in "$into"/*.wasm; do
        name=${old##*/}
        [[ -e $source/${name%.wasm}/Cargo.toml ]] || rm -f "$old"
    done
}

memory_demanded=$(demanded --initial-memory)
stack_demanded=$(demanded stack-size)
rustc=$(sdk/toolchain.sh)

packages=()
for name in $(folders plugins); do packages+=(-p "plugin-$name"); done
if [[ $only != plugins ]]; then
    for name in $(folders tests/guests); do packages+=(-p "guest-$name"); done
fi
if [[ ${#packages[@]} -eq 0 ]]; then
    say "nothing to build"
    exit 0
fi

say "building $((${#packages[@]} / 2)) components (the first time takes a few minutes)"
cargo_build "${packages[@]}"
place_all plugins plugin target/plugins
if [[ $only != plugins ]]; then place_all tests/guests guest target/guests; fi
say "all components are in target/"
