#!/bin/sh
# Makes .venv and installs exactly what requirements/<base|dev>.txt locks. Called by the Makefile when a lock changed.
set -eu
lock=${1:?base or dev}
cd "$(dirname "$0")/.."

say() { printf '  %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    python=
    for candidate in ${PYTHON3:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
    done
    [ -n "$python" ] || stop "Python 3.11 or later is needed and was not found. Install it, then run make again."
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "installing Debian's $version, which Python needs to make a virtual environment"
            export DEBIAN_FRONTEND=noninteractive
            apt-get update -qq </dev/null
            apt-get install -y -qq --no-install-recommends "$version" </dev/null >/dev/null
        else
            stop "Python cannot make a virtual environment here. Run: sudo apt install $version — then make again."
        fi
    fi
    say "making the virtual environment in .venv"
    rm -rf .venv
    "$python" -m venv .venv
fi

# What runs the tests runs the site too: do not take the test tools away again.
if [ "$lock" = base ] && [ .venv/.test -nt requirements/dev.txt ] && [ .venv/.test -nt requirements/base.txt ]; then
    touch .venv/.up
    exit 0
fi

if ! .venv/bin/uv --version >/dev/null 2>&1 || [ requirements/bootstrap.txt -nt .venv/.bootstrap ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
    touch .venv/.bootstrap
fi

say "installing the locked dependencies"
# uv does not read pip's configuration; where pip was told of a mirror, tell uv too.
mirror=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$mirror"; fi
if [ -t 2 ]; then quiet=; else quiet=--quiet; fi # progress bars are for people
# An extra that somebody installed stays; the client of a search cluster comes with the setting that names one.
extra=
if .venv/bin/python -c "import pocketsphinx" 2>/dev/null; then extra=requirements/captions.txt; fi
if [ -n "${SEARCH_URL:-}" ] || .venv/bin/python -c "import opensearchpy" 2>/dev/null; then
    extra="$extra requirements/opensearch.txt"
fi
# Data for the laboratory: `sync` installs what is listed and nothing that it would depend on.
laboratory=
if [ "$lock" = dev ]; then laboratory=requirements/laboratory.txt; fi
if ! VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip sync $quiet --require-hashes "requirements/$lock.txt" $extra $laboratory; then
    say "uv could not install them; trying with pip, which knows this machine's own settings"
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r "requirements/$lock.txt"
    for more in $extra; do
        .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r "$more"
    done
    if [ -n "$laboratory" ]; then
        .venv/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r "$laboratory"
    fi
fi
# uv takes itself away when the lock does not list it: `make lock` wants it back.
.venv/bin/uv --version >/dev/null 2>&1 || rm -f .venv/.bootstrap

touch .venv/.up
if [ "$lock" = dev ]; then touch .venv/.test; else rm -f .venv/.test; fi
