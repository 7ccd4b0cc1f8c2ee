#!/bin/sh
# Resolves requirements/*.in for every platform and Python from 3.11 on. No registry's address is written.
set -eu
cd "$(dirname "$0")/../requirements"
for name in bootstrap base dev captions opensearch; do
    ../.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --output-file "$name.txt" "$name.in"
done
# What only lends its data is locked without what it depends on: nothing of it is imported.
../.venv/bin/uv pip compile --quiet --upgrade --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-header --output-file laboratory.txt laboratory.in
