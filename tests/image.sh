#!/usr/bin/env bash
# Builds the runtime stage of the Dockerfile without an engine or a registry, starts it and sees it answer.
#
# mmdebstrap makes the base image, buildah runs the stage as it stands in the Dockerfile, and the binary
# and plugins come from this checkout's target directory instead of the build stage. Needs Debian and root.
#
#   TENON_BINARY  the host to put in (default: target/debug/tenon)
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=/dev/null
SUITE=$(source /etc/os-release && echo "$VERSION_CODENAME")
readonly SUITE
readonly BASE=docker.io/library/debian:$SUITE-slim
readonly IMAGE=localhost/tenon-image-test
readonly BINARY=${TENON_BINARY:-target/debug/tenon}
readonly START_TRIES=60
container='' server=''

# shellcheck source=sdk/apt.sh
source sdk/apt.sh

say() { echo "image: $*"; }
die() { say "$*"; exit 1; }

cleanup() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    [[ -z $container ]] || buildah rm "$container" >/dev/null 2>&1 || true
    rm -rf "$work"
}

require() {
    [[ $EUID -eq 0 ]] || die "must run as root: buildah and the network namespace need it"
    [[ -x $BINARY ]] || die "$BINARY is missing; build it first"
    compgen -G 'target/plugins/*.wasm' >/dev/null || die "no plugins in target/plugins; build them first"
    if ! command -v buildah >/dev/null || ! command -v mmdebstrap >/dev/null || ! command -v ip >/dev/null; then
        apt_install buildah mmdebstrap iproute2
    fi
}

# The slim base, from the packages this machine is set up to install; made once.
make_base() {
    if buildah images --quiet "$BASE" >/dev/null 2>&1; then return; fi
    say "making $BASE with mmdebstrap"
    mmdebstrap --quiet --variant=minbase --include=ca-certificates "$SUITE" "$work/base.tar"
    local base
    base=$(buildah from scratch)
    buildah add --quiet "$base" "$work/base.tar" / >/dev/null
    buildah commit --quiet "$base" "$BASE" >/dev/null
    buildah rm "$base" >/dev/null
}

# The runtime stage, word for word, behind a build stage that only hands over what is built already.
build_image() {
    local context=$work/context
    mkdir -p "$context/out/bin"
    cp "$BINARY" "$context/out/bin/tenon"
    cp -r target/plugins runtime-config "$context/out/"
    {
        echo "ARG DEBIAN=$SUITE"
        echo "FROM scratch AS build"
        echo "COPY out /out"
        sed -n '/ AS runtime$/,$p' Dockerfile
    } >"$context/Dockerfile"
    say "building the runtime stage"
    buildah build --isolation chroot --format docker --pull-never --network host \
        --tag "$IMAGE" "$context"
}

# Values of the image's configuration, one to a line.
image_config() {
    buildah inspect --type image --format "{{range .Docker.Config.$1}}{{println .}}{{end}}" "$IMAGE" | sed '/^$/d'
}

# Runs a command in the container, with the user and environment of the image. "host" is the namespace
# this script made.
inside() {
    buildah run --isolation chroot --network host "$container" -- "$@"
}

serve_and_check() {
    local command health try=0
    mapfile -t command < <(image_config Entrypoint; image_config Cmd)
    mapfile -t health < <(image_config Healthcheck.Test | tail -n +2)
    say "starting: ${command[*]}"
    inside "${command[@]}" >"$work/log" 2>&1 &
    server=$!
    until inside "${health[@]}" 2>/dev/null; do
        kill -0 "$server" 2>/dev/null || { cat "$work/log"; die "the host ended by itself"; }
        try=$((try + 1))
        [[ $try -lt $START_TRIES ]] || { cat "$work/log"; die "no answer from ${health[*]}"; }
        sleep 0.5
    done
    say "healthy: ${health[*]}"
    local user
    user=$(inside id -u)
    [[ $user -ne 0 ]] || die "the image runs as root"
    say "runs as user $user; image $(buildah images --format '{{.Size}}' "$IMAGE")"
}

# The second half runs in a network namespace of its own: the image's fixed ports meet nobody else's.
if [[ ${1:-} == inside-namespace ]]; then
    work=$2
    trap cleanup EXIT
    ip link set lo up
    container=$(buildah from --pull-never "$IMAGE")
    serve_and_check
    exit 0
fi

work=$(mktemp -d)
trap cleanup EXIT
require
make_base
build_image
# The host's processes end with their namespace, whatever happens to this script.
unshare --net --pid --fork --kill-child --mount-proc "$0" inside-namespace "$work"
say "passed"
