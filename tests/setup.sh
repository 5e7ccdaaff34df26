#!/bin/sh
# Sets up everything in the checkout's own .venv: `setup.sh program`, or `setup.sh tests` for the tools of the tests too.
# Quick when nothing changed; writes nowhere else, but as root it installs missing Debian packages.
set -u
cd "$(dirname "$0")/.." || exit 1
want=${1:-program}
lists_fresh=no

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# install PACKAGE...: all or nothing; a word and status 1 when it cannot be done
install() {
    can_install || return 1
    say "installing $*"
    if [ $lists_fresh = no ]; then
        as_root apt-get update -qq >/dev/null 2>&1
        lists_fresh=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" </dev/null >/dev/null 2>&1
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# Debian's pip lies in a package of its own; apt can fetch that without being root.
pip_from_debian() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    say "fetching pip for this checkout only"
    apt=$PWD/.venv/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" &&
        ( cd "$apt" && {
            options="-qq -o Dir::State::Lists=$apt/lists -o Dir::Cache=$apt/cache -o Debug::NoLocking=1"
            apt-get $options update && apt-get $options download python3-pip-whl &&
                dpkg-deb -x python3-pip-whl_*.deb .
        } >/dev/null 2>&1 ) &&
        .venv/bin/python "$(ls "$apt"/usr/share/python-wheels/pip-*.whl)"/pip install -q --no-index \
            "$(ls "$apt"/usr/share/python-wheels/pip-*.whl)" &&
        rm -rf "$apt"
}

make_venv() {
    python=$(find_python) || { install python3 && python=$(find_python); } || {
        say "pcapdiag needs Python 3.11 or later: no such python3 was found."
        return 1
    }
    rm -rf .venv
    "$python" -c 'import ensurepip' 2>/dev/null || install python3-venv
    "$python" -m venv .venv >/dev/null 2>&1 && return
    rm -rf .venv
    if command -v uv >/dev/null; then
        uv venv -q --seed --python "$python" .venv && return
    fi
    rm -rf .venv
    "$python" -m venv --without-pip .venv || return 1
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip -q --python .venv/bin/python install pip && return
    fi
    pip_from_debian && return
    rm -rf .venv
    say "This Python cannot make a virtual environment, and this user may not install packages."
    say "Ask an administrator for: apt-get install python3-venv"
    return 1
}

# install_python NAME WHAT: once for each state of pyproject.toml
install_python() {
    stamp=.venv/installed-$1
    state=$(cksum <pyproject.toml)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && return
    say "installing pcapdiag and what it needs into .venv"
    .venv/bin/python -m pip install -q --disable-pip-version-check -e "$2" || return 1
    printf '%s\n' "$state" >"$stamp"
}

# tool COMMAND PACKAGE WHAT-IS-SKIPPED
tool() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null && return
    install "$2" && PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null && return
    say "no $1 here, and it could not be installed ($2): skipped: $3"
}

[ -e /etc/ssl/certs/ca-certificates.crt ] || [ ! -e /etc/debian_version ] || install ca-certificates
.venv/bin/python -c 'import pip' 2>/dev/null || make_venv || exit 1
case $want in
program)
    install_python program . || exit 1
    ;;
tests)
    install_python tests '.[dev]' || exit 1
    tool tshark tshark "comparison with tshark's counts, pcapdiag dissect, foreign capture formats"
    tool haproxy haproxy "the laboratory of network namespaces"
    tool nft nftables "the laboratory of network namespaces"
    tool ip iproute2 "the laboratory of network namespaces"
    tool tcpdump tcpdump "the laboratory of network namespaces"
    ;;
*)
    say "usage: setup.sh [program|tests]"
    exit 2
    ;;
esac
