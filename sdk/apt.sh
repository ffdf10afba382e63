# For sourcing: installing what a script needs on Debian, with the script's own `say` and `die`.
# shellcheck shell=bash

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "cannot run as root (no sudo): $*"
    fi
}

# Installs the packages. --no-remove: somebody's other packages are not ours to replace.
apt_install() {
    command -v apt-get >/dev/null || die "no apt-get here; please install what Debian calls: $*"
    say "installing Debian packages: $*"
    {
        as_root apt-get update -qq || say "apt-get update failed, trying with the lists at hand"
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends --no-remove -o Dpkg::Use-Pty=0 "$@" \
            || die "apt-get could not install: $*"
    } >&2
}
