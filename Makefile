# The commands of this project. 'make help' lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# All packages except torch (scripts/lock.py explains why) must match the hashes of the lock files.
LOCKED := $(PIP) install --no-deps --require-hashes
define REFUSED
{ echo "pip stopped, for the reason above. If a hash did not match, that file is not the one this project was tested with: do not install it by hand; find out where it came from, such as a mirror or a proxy. This step installed nothing." >&2; exit 1; }
endef

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run clients test unit unit-postgres e2e lint lint-js format bench bench-check browsers lock licenses audit wheels screenshot clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(VENV)/.run ## Install the runtime dependencies into .venv
setup-dev: $(VENV)/.dev ## Install the development dependencies as well

run: setup ## Set up and serve on http://127.0.0.1:8000 (HOST and PORT change that)
	@exec $(BIN)/python manage.py serve

test: lint clients unit unit-postgres e2e ## Run all checks and all tests

# One process per core (WORKERS=0: all tests in one process, which a debugger needs). The tests of a file share a process.
WORKERS ?= auto
unit: setup-dev ## Run the tests that need no browser, and check coverage
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -p no:rerunfailures --ignore=tests/e2e --cov --cov-report=term:skip-covered
	@if command -v node >/dev/null; then node --test $$(find tests/js -name '*.test.js'); \
	elif [ -n "$$CI" ]; then echo "node is missing: the page's modules were not tested" >&2; exit 1; \
	else echo "node is missing: the page's modules were not tested"; fi

# The tests whose behavior depends on the database, in less than a minute.
POSTGRES_TESTS ?= tests/themes/test_concurrency.py tests/themes/test_services.py tests/themes/test_shipped_presets.py $(addprefix tests/accounts/test_,account.py names.py second_factor.py sessions.py tokens.py) tests/synthesis/limits tests/terminal/test_say.py::test_two_tabs_cannot_both_take_a_text
unit-postgres: setup-dev ## Run tests with PostgreSQL and Redis (POSTGRES_TESTS=tests for all)
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -q -m "not voice" --ignore=tests/e2e $(POSTGRES_TESTS)

# One browser after another: tests of frames and times fail beside another browser. BROWSERS=2 runs two at a time.
BROWSERS ?= 0
# In CI a browser test that fails runs once more, because browsers miss deadlines on a busy machine. The summary lists it.
RERUNS ?= $(if $(CI),1,0)
e2e: setup-dev browsers ## Run the tests that drive Chromium, Firefox and WebKit
	$(BIN)/python -m pytest -n $(BROWSERS) --dist loadgroup --reruns $(RERUNS) -rR tests/e2e

lint: setup-dev lint-js ## Check style, types, imports and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/codespell

lint-js: ## Check style and types of the page's scripts
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/.installed && npm run --silent lint; \
	elif [ -n "$$CI" ]; then echo "npm is missing: the page's scripts were not checked" >&2; exit 1; \
	else echo "npm is missing: the page's scripts were not checked"; fi

node_modules/.installed: package.json package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

format: setup-dev ## Format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Their packages conflict with each other's and with ours, so each has an environment of its own.
CLIENTS := tests/synthesis/api/clients
clients: $(VENV)/clients/.pipecat $(VENV)/clients/.livekit $(CLIENTS)/node_modules/.installed ## Install the client libraries that tests run unchanged (600 MB)

$(VENV)/clients/.%: $(CLIENTS)/%.lock | $(VENV)/.dev
	@$(BIN)/python -m venv --clear $(VENV)/clients/$*
	@$(VENV)/clients/$*/bin/python -m pip --disable-pip-version-check install --quiet --no-compile --no-deps --require-hashes --requirement $<
	@touch $@

$(CLIENTS)/node_modules/.installed: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@if command -v npm >/dev/null; then cd $(CLIENTS) && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.installed; fi

bench: setup-dev ## Measure latency, throughput, memory and the page, compared with Piper
	$(BIN)/python -m benchmarks

bench-check: setup-dev ## Run the shortest form of the benchmarks over HTTP and with many listeners, to test the programs
	DATA_DIR=$${DATA_DIR:-var/tests} $(BIN)/python -m benchmarks http slow_downloads engines --check
	DATA_DIR=$${DATA_DIR:-var/tests} $(BIN)/python -m benchmarks.load.comparison --check

browsers: ## Install the browsers for the tests (needs root or sudo)
	@tests/e2e/install-browsers
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/.installed; fi

licenses: setup ## List runtime dependencies and licenses; fail on unreviewed ones
	@$(BIN)/python scripts/licenses.py

audit: setup-dev ## Check for known vulnerabilities, deployment settings and licenses; write an SBOM (AUDIT="--advisories FILE" without network)
	@$(BIN)/python -m scripts.audit $(AUDIT)

wheels: setup-dev ## Check that each dependency has wheels for Linux, macOS and Windows
	@$(BIN)/python -m scripts.wheels

screenshot: setup-dev ## Take the README's screenshot with headless Chromium
	@$(BIN)/python -m scripts.screenshot

lock: setup-dev ## Write the installed versions to constraints.txt, and their hashes to the lock files
	@$(PIP) freeze --exclude-editable | sed 's/+cpu$$//' | grep -v '^-e' > constraints.new
	@{ sed -n '/^#/p' constraints.txt; cat constraints.new; } > constraints.tmp && mv constraints.tmp constraints.txt && rm constraints.new
	@$(BIN)/python scripts/lock.py
	@for name in pipecat livekit; do $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --upgrade $(CLIENTS)/$$name.in --output-file $(CLIENTS)/$$name.lock; done

clean: ## Remove .venv and the caches of tools (never var/, which holds your data)
	rm -rf $(VENV) node_modules $(CLIENTS)/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed; name it: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/.run: pyproject.toml constraints.txt requirements.lock | $(VENV)/bin/python
	@echo "Installing the packages (once; a few minutes, most of it torch) ..."
	@$(LOCKED) --requirement requirements.lock || $(REFUSED)
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt requirements.lock requirements-dev.lock | $(VENV)/bin/python
	@echo "Installing the packages, with those for development (once; a few minutes) ..."
	@$(LOCKED) --requirement requirements.lock --requirement requirements-dev.lock || $(REFUSED)
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $(VENV)/.run $@
