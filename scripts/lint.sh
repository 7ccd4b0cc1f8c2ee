#!/bin/sh
# Every linter, all of them even when one complains; fails if any did.
set -u
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
failed=
run() { name=$1; shift; printf '  %s\n' "$name"; "$@" || failed="$failed $name"; }

run "ruff check" "$bin/ruff" check --quiet --output-format concise .
run "ruff format" "$bin/ruff" format --quiet --check .
run "mypy" "$bin/mypy" --no-error-summary .
run "djlint" "$bin/djlint" --quiet --lint templates
run "lint-imports" "$bin/lint-imports" --no-logo
if [ -n "$failed" ]; then printf '  not clean:%s\n' "$failed"; exit 1; fi
echo "  clean"
