#!/bin/sh
# On Debian, as root: installs the programs that the tests drive, those that are missing. Elsewhere: says what will be skipped.
set -eu

missing=
want() { # want <package> <command or file>…: missing when none of them is there
    package=$1; shift
    for thing in "$@"; do
        if command -v "$thing" >/dev/null 2>&1 || ls $thing >/dev/null 2>&1; then return; fi
    done
    missing="$missing $package"
}

want postgresql '/usr/lib/postgresql/*/bin/initdb' initdb
want redis-server redis-server valkey-server
want chromium chromium
want nginx-light nginx /usr/sbin/nginx
want bubblewrap bwrap
want fonts-dejavu-core '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'
want fonts-noto-color-emoji '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf'

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "  installing$missing"
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 # RUNLEVEL=1: packages do not start their services
    apt-get update -qq </dev/null
    apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
else
    echo "  not installed here:$missing. Tests that need one are skipped."
fi
