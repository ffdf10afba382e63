#!/usr/bin/env bash
# Finds or makes a compiler for wasm32-wasip2 and prints its path on stdout, and nothing else there.
#
# Why a script: on most machines `rustup target add` is enough, but Debian machines without a way to
# rustup's servers (CI runners, air-gapped sites) can still build the target from Debian's own packages.
# First match wins: the target is there already, rustup fetches it, Debian's packages.
#
#   RUSTC                   compiler to ask first (default: rustc)
#   TENON_RUSTUP_TIMEOUT_S  how long rustup may try to download (default: 90)
#
# Progress goes to stderr. The second run changes nothing and takes a fraction of a second.
set -euo pipefail

readonly TARGET=wasm32-wasip2
readonly DEBIAN_RUSTC=/usr/bin/rustc
readonly DEBIAN_LIB=/usr/lib/rustlib
readonly DEBIAN_TARGET=$DEBIAN_LIB/$TARGET
readonly DEBIAN_STAMP=$DEBIAN_TARGET/built-for
readonly DEBIAN_PACKAGES=(rustc-web rust-web-src rust-web-llvm wasi-libc)
readonly DEBIAN_LIBC=/usr/lib/wasm32-wasi

# shellcheck source=sdk/apt.sh
source "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

# Whatever a command prints belongs on stderr; fd 3 is the one real stdout.
exec 3>&1 1>&2

say() { echo "toolchain: $*"; }
die() { echo "toolchain: $*"; exit 1; }

answer() {
    say "$1"
    echo "$2" >&3
    exit 0
}

# Build scripts and the host are linked with the system's C compiler, on every path.
require_basics() {
    command -v cargo >/dev/null || die "no cargo on PATH; install Rust from https://rustup.rs first"
    if ! command -v cc >/dev/null; then
        say "no C compiler (cc) found"
        apt_install gcc libc6-dev
    fi
}

# The standard library of one compiler for the target, if it has any.
has_target() {
    local libdir
    libdir=$("$1" --print target-libdir --target "$TARGET" 2>/dev/null) || return 1
    compgen -G "$libdir/libstd-*.rlib" >/dev/null
}

# rustup's `rustc` is a proxy; the real binary behind it spares a lookup on every call.
real_rustc() {
    local path
    path=$("$1" --print sysroot)/bin/rustc
    if [[ -x $path ]]; then echo "$path"; else command -v "$1"; fi
}

# Everything the built standard library depends on. A changed line means: build again.
debian_fingerprint() {
    "$DEBIAN_RUSTC" -vV || return 1
    dpkg-query -W -f '${Package} ${Version}\n' rustc-web rust-web-src wasi-libc 2>/dev/null
}

debian_ready() {
    [[ -x $DEBIAN_RUSTC && -r $DEBIAN_STAMP ]] || return 1
    [[ $(debian_fingerprint) == "$(<"$DEBIAN_STAMP")" ]]
}

# A standard library that was built for an earlier compiler must not be taken for an installed target.
find_installed() {
    local rustc=${RUSTC:-rustc}
    command -v "$rustc" >/dev/null || return 0
    rustc=$(real_rustc "$rustc")
    if [[ ! $rustc -ef $DEBIAN_RUSTC || ! -d $DEBIAN_TARGET ]] && has_target "$rustc"; then
        answer "$TARGET is installed for $rustc" "$rustc"
    fi
    if debian_ready; then
        answer "$TARGET was built from Debian's packages for $DEBIAN_RUSTC" "$DEBIAN_RUSTC"
    fi
}

try_rustup() {
    command -v rustup >/dev/null || return 0
    local seconds=${TENON_RUSTUP_TIMEOUT_S:-90}
    say "asking rustup for $TARGET (at most $seconds s)"
    if timeout "$seconds" rustup target add "$TARGET"; then
        find_installed
    fi
    say "rustup could not provide $TARGET"
}

# An empty crate is all cargo needs to build the standard library beneath it.
build_std() {
    local dir=$1
    mkdir -p "$dir/src"
    : >"$dir/src/lib.rs"
    cat >"$dir/Cargo.toml" <<'MANIFEST'
[package]
name = "nothing"
edition = "2024"
[profile.release]
panic = "abort"
[workspace]
MANIFEST
    # Flags meant for other builds would end up in the library that every plugin links.
    (cd "$dir" && env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET -u RUSTC_WRAPPER \
        RUSTC="$DEBIAN_RUSTC" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$dir/target" \
        cargo build --release --target "$TARGET" -Zbuild-std=std,panic_abort) \
        || die "building the standard library failed"
    rm -f "$dir/target/$TARGET"/release/deps/libnothing-*
}

install_std() {
    local deps=$1/target/$TARGET/release/deps stage=$DEBIAN_TARGET.new host llvm
    host=$("$DEBIAN_RUSTC" -vV | sed -n 's/^host: //p')
    llvm=$2
    as_root rm -rf "$stage"
    as_root mkdir -p "$stage/lib/self-contained" "$DEBIAN_LIB/$host/bin/gcc-ld"
    as_root cp "$deps"/*.rlib "$stage/lib/"
    as_root cp "$DEBIAN_LIBC/libc.a" "$DEBIAN_LIBC"/crt1-*.o "$stage/lib/self-contained/"
    as_root ln -sf "/usr/bin/wasm-ld-$llvm" "$DEBIAN_LIB/$host/bin/gcc-ld/wasm-ld"
    debian_fingerprint | as_root tee "$stage/built-for" >/dev/null
    as_root rm -rf "$DEBIAN_TARGET"
    as_root mv "$stage" "$DEBIAN_TARGET"
}

make_from_debian() {
    command -v apt-get >/dev/null \
        || die "no $TARGET here: install it with 'rustup target add $TARGET' and run this again"
    local missing=() package llvm
    for package in "${DEBIAN_PACKAGES[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] || apt_install "${missing[@]}"

    # The linker has to read what this compiler's LLVM writes.
    llvm=$("$DEBIAN_RUSTC" -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
    [[ -x /usr/bin/wasm-ld-$llvm ]] || apt_install "lld-$llvm"

    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    say "building the standard library for $TARGET with $("$DEBIAN_RUSTC" -V), about a minute"
    build_std "$work"
    install_std "$work" "$llvm"
    answer "built $TARGET from Debian's packages for $DEBIAN_RUSTC" "$DEBIAN_RUSTC"
}

require_basics
find_installed

# Two checkouts may get here at once; the second one then finds the work of the first.
lock=${CARGO_HOME:-$HOME/.cargo}/tenon-toolchain.lock
mkdir -p "${lock%/*}"
exec 9>"$lock"
if command -v flock >/dev/null; then flock 9; fi
find_installed

try_rustup
make_from_debian
