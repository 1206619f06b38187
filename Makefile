# make setup   prepares .venv/bin/zhibo, once; nothing to do the second time, and no network needed then
# make demo    plays an evening on the platform
# make test    runs all tests
# make check   formatting, lint, types, import contracts, migrations against declared tables
# make lock    renews the exact versions in requirements/

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
VENV := .venv
READY := $(VENV)/ready
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet --quiet

.PHONY: setup demo test check lock
.DELETE_ON_ERROR:

setup: $(READY)

$(READY): requirements/development.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "zhibo needs Python 3.11 or later, and none was found" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make environments: install its venv package (Debian: python3-venv)" >&2; exit 1; }
	@echo "Preparing $(VENV) ..."
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements/development.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

demo: setup
	@$(VENV)/bin/zhibo demo

test: setup
	@$(VENV)/bin/python -m pytest

check: setup
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/python -m pytest -q tests/api/test_migrations.py

# From the ordinary registry only, whatever else this machine's pip is told to look at.
lock: export PIP_CONFIG_FILE := /dev/null
lock: export PIP_FIND_LINKS :=
lock: export PIP_EXTRA_INDEX_URL :=
lock: export CUSTOM_COMPILE_COMMAND := make lock
lock: COMPILE := $(VENV)/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
lock: setup
	@$(COMPILE) --output-file requirements/zhibo.txt pyproject.toml
	@$(COMPILE) --extra development --constraint requirements/zhibo.txt \
		--output-file requirements/development.txt pyproject.toml
