# `make demo` serves the demo, `make test` checks and tests. Both install what they need.
SHELL := /bin/bash
BIN := .venv/bin
PORT ?= 8000
export PYTHONDEVMODE ?=
# Compile once while installing, not at each start where Python may not write.
export UV_COMPILE_BYTECODE := 1

.PHONY: demo test check tests messages bench clean

demo: .venv/run messages
	LUMBUNG_HOME=var/demo $(BIN)/lumbung demo --port $(PORT)

test: check tests

tests: .venv/dev messages
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

check: .venv/dev messages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy lumbung tests
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet lumbung
	$(BIN)/python -m maintenance.migrations
	$(BIN)/python -m maintenance.messages check

messages:
	@$(BIN)/python maintenance/build_messages.py

bench: .venv/dev messages
	$(BIN)/python -m bench

.venv/uv:
	python3 -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	touch $@

.venv/run: .venv/uv requirements.txt pyproject.toml
	$(BIN)/uv pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/uv pip install --quiet --no-deps -e .
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

# After changing dependencies in pyproject.toml: write both lock files anew.
.PHONY: lock
lock: .venv/uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --quiet pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --quiet pyproject.toml --group dev --group oracles \
		-c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv var build dist
