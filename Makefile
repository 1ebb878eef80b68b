# Bedrock: `make run` shows it, `make test` proves it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export BEDROCK_HOME ?= $(CURDIR)/.bedrock
SUBSCRIBERS ?= 10000
JOBS ?= 2

.PHONY: help run test check bench system-deps format clean

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Bedrock needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(READY)  ## serve the demo ISP and play the fault story (ONCE=1: exit after it)
	@$(BIN)/bedrock demo up --subscribers $(SUBSCRIBERS) $(if $(ONCE),--once)

test: $(READY)  ## the whole test suite, against a real PostgreSQL
	$(BIN)/pytest -n $(JOBS) --dist loadgroup

check: $(READY)  ## formatting, lint, layers, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(READY)  ## put the code in its usual form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## measure what docs/performance.md records
	$(BIN)/python -m benchmarks

system-deps:  ## the system programs some tests talk to (Debian)
	@missing=""; for each in snmptrap:snmp logger:bsdutils prometheus-alertmanager:prometheus-alertmanager; do \
	  command -v $${each%%:*} >/dev/null || missing="$$missing $${each##*:}"; done; \
	if [ -z "$$missing" ]; then echo "system programs: all there"; \
	elif command -v apt-get >/dev/null; then \
	  SUDO=$$([ $$(id -u) = 0 ] || echo sudo); $$SUDO apt-get update -q && $$SUDO apt-get install -qy $$missing; \
	else echo "please install:$$missing"; fi

clean:  ## remove the environment and the demo's data
	@-$(BIN)/python -c 'from pathlib import Path; from atlas.server import stop_embedded; stop_embedded(Path("$(BEDROCK_HOME)") / "pg")' 2>/dev/null
	rm -rf $(VENV) $(BEDROCK_HOME)
