#!/bin/sh
# Sets everything up, then passes every check; arguments go to pytest (sh tests/run.sh tests/read -k pcapng).
set -u
cd "$(dirname "$0")/.." || exit 1
sh tests/setup.sh tests || exit 1
PATH=$PWD/.venv/bin:$PATH:/usr/sbin:/sbin
XDG_CACHE_HOME=$PWD/.venv/cache
export PATH XDG_CACHE_HOME
failed=0
step() {
    printf '== %s\n' "$*"
    "$@" || failed=1
}
step ruff check --quiet
step ruff format --check --quiet
step mypy --no-error-summary
[ "$failed" = 0 ] || printf 'The checks above failed; the tests follow.\n'
step python -m pytest -q -n 2 "$@"
exit "$failed"
