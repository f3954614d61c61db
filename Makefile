# taskrole: `make demo` shows the workshop's role in an embedded AWS; `make test` runs all tests. Both run the setup.
PYTHON ?= python3
BIN := .venv/bin
# Modules that tests and tools import repeatedly are compiled once, regardless of the shell; empty is unset.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo down test test-fast test-extra check format docs expected bench prove test-cdktn dist clean
help:
	@echo "make demo    deploy the workshop's role to an embedded AWS, verify it, show it"
	@echo "make down    stop the embedded AWS"
	@echo "make test    all tests except those of test-extra"
	@echo "make test-fast  the tests that run no other programs, in a minute: without Terraform, browser and Node, the"
	@echo "             folders proof and differential, and growth, slow and generated cases"
	@echo "make test-extra  more cases of the tests of make test, and make demo: five minutes of Terraform"
	@echo "make check   format, lint and types"
	@echo "make format  format, and apply the fixes of lint"
	@echo "make docs    write the generated pages, pictures and schemas"
	@echo "make expected  write all expected files of the tests: the same, and tests/expected; review the difference"
	@echo "make bench   measure, and write bench/RESULTS.md"
	@echo "make prove   the generated tests with large numbers of cases: properties, fuzzing, comparisons with emulators"
	@echo "make test-cdktn  run the stack tests on CDKTF and on its maintained fork, and compare the outputs"
	@echo "make dist    build the wheel and the sdist, reproducibly, in dist"
	@echo "make clean   stop the embedded AWS and remove all generated files"
	@echo "make setup   only the setup of the others: .venv, node_modules, the caches of the fast start"

setup: .tools/python.done .tools/node.done
	@$(BIN)/python tools/warm_fast_start.py

# pipenv is installed in its own folder, not in the system's Python.
.tools/pipenv.done: tools/pipenv-requirements.txt
	@tools/preflight.sh $(PYTHON) python node npm
	@echo "setting up: pipenv"
	@mkdir -p .tools
	@$(PYTHON) -m venv --clear .tools/pipenv
	@.tools/pipenv/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
		--requirement tools/pipenv-requirements.txt
	@touch $@

.tools/python.done: .tools/pipenv.done Pipfile.lock pyproject.toml
	@echo "setting up: Python packages, as locked, into .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear .venv
	@PIPENV_VENV_IN_PROJECT=1 PIPENV_IGNORE_VIRTUALENVS=1 PIPENV_VERBOSITY=-1 \
		.tools/pipenv/bin/pipenv sync --dev >.tools/pipenv.log 2>&1 || { cat .tools/pipenv.log >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index --editable .
	@touch $@

# Without install scripts: the only one would compile a terminal module that comes with binaries.
.tools/node.done: .tools/pipenv.done package-lock.json .npmrc
	@echo "setting up: Node packages, as locked, into node_modules"
	@npm ci --silent --ignore-scripts
	@touch $@

demo:
	@tools/preflight.sh $(PYTHON) python node npm terraform
	@$(MAKE) --no-print-directory setup
	@$(BIN)/python tools/demo.py

down:
	@test ! -x $(BIN)/taskrole || $(BIN)/taskrole local down

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not extra" $(ARGS)

# Folders of tests that run other programs: not even importing them saves seconds in each process.
WITH_PROGRAMS := ci e2e local stacks taskrole_cdktf

test-fast: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not (extra or external or slow or hypothesis)" \
		--ignore tests/proof --ignore tests/differential --ignore-glob '*/test_growth.py' \
		--ignore-glob '*/test_any_input.py' $(addprefix --ignore tests/,$(WITH_PROGRAMS)) $(ARGS)

test-extra: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal -m extra $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup
	$(BIN)/python -m tools.write_docs

expected: docs
	TASKROLE_REWRITE_EXPECTED=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "expected and not e2e" $(ARGS)

bench: setup
	$(BIN)/python -m bench

prove: setup
	TASKROLE_TESTS_WHOLE=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m hypothesis $(ARGS)
	$(BIN)/python tools/prove.py

test-cdktn: setup
	$(BIN)/python tools/test_cdktn.py

# With the commit's time, so that builds are reproducible.
dist: setup
	rm -rf dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m hatchling build --directory dist
	$(BIN)/python -m twine check --strict dist/*

clean: down
	rm -rf dist .venv .tools node_modules cdktf.out .taskrole .pytest_cache .mypy_cache .ruff_cache .hypothesis taskrole.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
