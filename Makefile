# Thin on purpose: python3 >= 3.11 and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements.lock

.PHONY: run test check fix faults bench clean lock

run: .venv/run
	$(BIN)/captilt run

test: .venv/test
	$(BIN)/python -m pytest -n 2 -m "not slow" --ignore=tests/benchmarks

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

bench: .venv/peers
	$(BIN)/python -m pytest tests/benchmarks -s

.venv/base:
	$(PYTHON) -c 'import sys; sys.exit("captilt needs python3 >= 3.11, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	touch $@

.venv/run: .venv/base pyproject.toml $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) --editable .
	touch $@

.venv/test: .venv/base pyproject.toml $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) --editable '.[test]'
	touch $@ .venv/run

.venv/peers: .venv/test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) --editable '.[test,peers]'
	touch $@

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra test --extra peers --extra ray --no-emit-package captilt --output-file $(LOCK) pyproject.toml

clean:
	rm -rf .venv build dist *.egg-info
