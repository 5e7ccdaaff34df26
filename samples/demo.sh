#!/bin/sh
# Sets the program up in this checkout and lets it judge the story's capture (or the captures named).
set -eu
cd "$(dirname "$0")/.."
sh tests/setup.sh program
[ $# -gt 0 ] || set -- samples/story.pcap
exec .venv/bin/pcapdiag analyze "$@"
