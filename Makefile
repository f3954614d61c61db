# taskrole: `make test` sets everything up and runs all tests; `make check` formats, lints and types.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup test check format clean
help:
	@echo "make setup   everything that the other targets need"
	@echo "make test    all tests"
	@echo "make check   format, lint and types"
	@echo "make clean   remove what these made"

setup: .tools/python.done

# pipenv lives in a folder of its own: neither needed beforehand nor put into the system's Python.
.tools/pipenv.done:
	mkdir -p .tools
	$(PYTHON) -m venv --clear .tools/pipenv
	.tools/pipenv/bin/pip install --quiet --disable-pip-version-check pipenv==2026.10.3
	touch $@

.tools/python.done: .tools/pipenv.done Pipfile.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv --clear .venv
	PIPENV_VENV_IN_PROJECT=1 PIPENV_IGNORE_VIRTUALENVS=1 .tools/pipenv/bin/pipenv sync --dev
	$(BIN)/pip install --quiet --no-build-isolation --no-deps --no-index --editable .
	touch $@

test: setup
	$(BIN)/python -m pytest $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .tools node_modules cdktf.out .taskrole .pytest_cache .mypy_cache .ruff_cache .hypothesis
