# Thin on purpose: python3 >= 3.11 and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements.lock
TEST_LOCK := requirements-test.lock
PEERS_LOCK := requirements-peers.lock
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-package captilt

BINDIR ?= $(HOME)/.local/bin

.PHONY: docs run install test check fix faults postgres bench clean lock audit

run: .venv/run
	@$(BIN)/captilt run

# `captilt` by its name, from everywhere: a link into a folder of the PATH.
install: .venv/run
	@mkdir -p "$(BINDIR)"
	@ln -sf "$(abspath $(BIN))/captilt" "$(BINDIR)/captilt"
	@echo "captilt is in $(BINDIR)"

test: .venv/test
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow" --ignore=tests/benchmarks

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/pyright -p tests/contract/strict.json
	$(BIN)/lint-imports
	$(MAKE) test

fix: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

faults: .venv/test
	$(BIN)/python -m pytest tests/faults
	$(BIN)/python -m pytest -m slow --ignore=tests/faults --ignore=tests/benchmarks

postgres: .venv/test
	$(BIN)/python -m tests.support.postgres

bench: .venv/peers
	$(BIN)/python -m pytest tests/benchmarks -s

# The documentation site: notebooks are executed, docstrings collected; in build/site.
docs: .venv/peers
	$(BIN)/mkdocs build --quiet

.venv/base:
	@$(PYTHON) -c 'import sys; sys.exit("captilt needs python3 >= 3.11, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv .venv
	@touch $@

# Nothing is installed whose hash is not in the lock, and the package itself builds without fetching anything.
.venv/run: .venv/base pyproject.toml $(LOCK)
	@echo "Setting up .venv from $(LOCK), once; this takes a minute or two."
	@$(PIP) --require-hashes --requirement $(LOCK)
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q captilt allocator regime signals
	@touch $@

.venv/test: .venv/base pyproject.toml $(TEST_LOCK)
	$(PIP) --require-hashes --requirement $(TEST_LOCK)
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q captilt allocator regime signals
	touch $@ .venv/run

.venv/peers: .venv/test $(PEERS_LOCK)
	$(PIP) --require-hashes --requirement $(PEERS_LOCK)
	touch $@

lock:
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --extra build --extra test --extra docs --extra peers --extra ray --output-file $(PEERS_LOCK) pyproject.toml
	$(COMPILE) --constraint $(PEERS_LOCK) --extra build --extra test --output-file $(TEST_LOCK) pyproject.toml
	$(COMPILE) --constraint $(PEERS_LOCK) --extra build --output-file $(LOCK) pyproject.toml

# Known advisories on what is locked, where a database answers; CI asks for it and passes where none does.
audit: .venv/base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement $(LOCK)

clean:
	rm -rf .venv build dist *.egg-info
