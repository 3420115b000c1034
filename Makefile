# `make` alone lists the targets. All they make stays inside this folder, and `make clean` takes it away again.
PYTHON ?= python3
PORT ?= 3000
BIN := .venv/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check --no-cache-dir
COMPILE = printf 'setuptools>=77\n' | $(BIN)/uv --no-cache pip compile pyproject.toml - --quiet $(UPGRADE) \
	--universal --python-version 3.11 --generate-hashes --no-annotate --no-header

.PHONY: help demo ui test trials check format docs services bench bench-quick lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/constraints.txt ## Find the whales of a simulated chain, through Dagster, and print them
	@$(BIN)/whale-assets demo

ui: .venv/constraints.txt .whale/demo/env ## Open Dagster on what the demo made (PORT=3000)
	@echo "Dagster will be at http://127.0.0.1:$(PORT) in a few seconds; Ctrl-C ends it"
	@set -a; . .whale/demo/env; cd .whale/demo/dagster; DAGSTER_HOME="$$PWD" PYTHONWARNINGS=ignore:Function \
		exec ../../../$(BIN)/dagster dev -w ../../../workspace.yaml -h 127.0.0.1 -p $(PORT)

.whale/demo/env:
	@$(MAKE) demo

test: .venv/constraints-dev.txt ## Run the tests; those on real services need `make services` first
	$(BIN)/pytest -n auto --dist loadfile

trials: .venv/constraints-dev.txt ## Run the long seeded trials: kills, mutations of answers
	$(BIN)/pytest -m trial

check: .venv/constraints-dev.txt ## Check dependencies, lint, formatting, types and Dagster's definitions
	$(BIN)/pip check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@mkdir -p .venv/dagster && cp dagster.yaml .venv/dagster
	VIRTUAL_ENV=$(CURDIR)/.venv DAGSTER_HOME=$(CURDIR)/.venv/dagster $(BIN)/dg check defs

format: .venv/constraints-dev.txt ## Put the code into the form that `make check` wants
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: .venv/constraints-dev.txt ## Write the pages of reference anew: commands, settings, tables
	$(BIN)/python -m whale_assets_tests.docs

services: ## Install a real geth, MySQL, MariaDB and Kafka under .services/, Chromium and buildah (needs Go, Java and root; six minutes)
	deploy/services/geth.sh .services
	deploy/services/shared_chain.sh .services
	deploy/services/dense_chain.sh .services
	deploy/services/mysql.sh .services
	deploy/services/mariadb.sh .services
	deploy/services/kafka.sh .services
	deploy/services/chromium.sh
	deploy/services/buildah.sh .services

bench: .venv/constraints-dev.txt ## Measure against bare HTTP, cryo and ethereum-etl on a real geth
	$(BIN)/python -m benchmarks

bench-quick: .venv/constraints-dev.txt ## Run every benchmark once, briefly, to see that it works
	$(BIN)/python -m benchmarks --quick

lock: .venv/bin/pip ## Write constraints*.txt anew after pyproject.toml changed (UPGRADE=--upgrade for newest versions)
	$(PIP) install uv
	$(COMPILE) --extra dev --output-file constraints-dev.txt
	$(COMPILE) --constraints constraints-dev.txt --output-file constraints.txt

clean: ## Remove all that make made; your own store under .whale/ stays
	rm -rf .venv .services .whale/demo .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

# A lock's copy inside .venv says that exactly this lock is installed.
.venv/%.txt: %.txt pyproject.toml | .venv/bin/pip
	@echo "Installing what $< lists into .venv (about a minute the first time)"
	@$(PIP) install --no-deps --require-hashes --requirement $<
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@cp $< $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { echo \
		"'$(PYTHON)' is not Python 3.11, 3.12 or 3.13: name one that is, as in 'make demo PYTHON=python3.12'" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
		"'$(PYTHON)' has no venv: on Debian and Ubuntu 'apt-get install python3-venv' brings it" >&2; exit 1; }
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv
