# Each target does all of its own set-up. A machine with Python 3.11 or newer, git, make and a
# package index is enough.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
            $$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help demo fleet test thorough lint bench clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "basebump needs Python 3.11 or newer; none was found on PATH" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $@

fleet: $(VENV)/.ready ## build fixtures/fleet as real git repositories in .demo/fleet
	@$(BIN)/python fixtures/build_fleet.py .demo/fleet

demo: $(VENV)/.ready ## the main job on the embedded fleet: plan, diffs, pull requests, a second run
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh fixtures/demo.sh

test: $(VENV)/.ready ## run every test
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

thorough: $(VENV)/.ready ## the kill and fault tests with all their instants and seeds
	@BASEBUMP_THOROUGH=1 $(BIN)/python -m pytest -n auto --dist worksteal \
		tests/test_github_kill.py tests/test_github_faults.py $(ARGS)

lint: $(VENV)/.ready ## ruff (lint and format) and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.ready ## run the benchmarks and print their table
	@$(BIN)/python bench/run.py

clean: ## remove everything that a target made
	rm -rf $(VENV) .demo .cache build dist
