# What people and CI call. `make help` lists it. Needs Python 3.11 or later, make and network; nothing else.

.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
PREPARE := sh scripts/prepare.sh

.venv/.up: requirements/bootstrap.txt requirements/base.txt scripts/prepare.sh
	@$(PREPARE) base

.venv/.test: requirements/bootstrap.txt requirements/dev.txt requirements/laboratory.txt scripts/prepare.sh
	@$(PREPARE) dev

.PHONY: up test lint bench lock help

up: .venv/.up  ## Start everything on this machine: http://127.0.0.1:8000 (PORT, HOST, DATA_DIR and DEMO=0 are honoured)
	@exec $(PYTHON) manage.py up --die-with-parent

test: .venv/.test  ## Run the whole suite, then what depends on the engines again on PostgreSQL and Redis (ARGS="-k feed" narrows)
	@sh scripts/debian-packages.sh
	@exec $(PYTHON) -m tests $(ARGS)

lint: .venv/.test  ## Style, types, templates and the rule that imports point down
	@sh scripts/lint.sh

bench: .venv/.test  ## Take the figures, each beside its baseline (ARGS=--quick for a short form)
	@exec $(PYTHON) manage.py bench $(ARGS)

lock: .venv/.test  ## Resolve the dependencies anew into requirements/*.txt, with hashes
	@sh scripts/lock.sh

help:  ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
