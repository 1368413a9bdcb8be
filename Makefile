# Two commands that need only Python 3.11 to 3.13, git and make: `make demo` and `make test`.
# ARGS passes words on, as in `make test ARGS="-k waiver"`; PYTHON=/path/to/python3 chooses the Python.

# Compiled Python is kept, whatever the machine says: without, every process of the tests compiles all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

BIN = .venv/bin
RUN = $(BIN)/python -m

.PHONY: help demo test check faults chaos bench bench-check mutants differential lock openapi clients fmt clean venv

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1	\2/p' Makefile | awk -F '\t' '{ printf "make %-12s %s\n", $$1, $$2 }'

venv:
	@sh scripts/venv

demo: venv ## start the service with a sample plant and its own PostgreSQL; Ctrl-C ends both
	@QUALSVC_DATA_DIR="$${QUALSVC_DATA_DIR:-.qualsvc}" exec $(BIN)/qualsvc demo $(ARGS)

test: venv ## run the tests, against a PostgreSQL of their own
	@echo "Running the tests."
	@$(RUN) pytest $(ARGS)

check: venv ## lint, formatting, types, layers, migrations, OpenAPI and locks
	@echo "Lint."
	@$(RUN) ruff check
	@echo "Formatting."
	@$(RUN) ruff format --check
	@echo "Types."
	@$(RUN) mypy
	@echo "Layers."
	@$(BIN)/lint-imports
	@echo "Migrations against the tables."
	@$(RUN) pytest tests/store/test_migrations.py
	@echo "OpenAPI against openapi/openapi.json and CHANGELOG.md."
	@$(BIN)/qualsvc openapi --check openapi/openapi.json --changelog CHANGELOG.md
	@echo "Locks against pyproject.toml."
	@$(RUN) pytest tests/embedded/test_locks.py

faults: venv ## run the long fault-injection tests
	@echo "Running the fault-injection tests, some minutes."
	@$(RUN) pytest -m faults $(ARGS)

chaos: venv ## break everything at random under load, ten minutes (ARGS="--minutes 1 --seed 7")
	@$(RUN) tests.chaos $(ARGS)

bench: venv ## measure, beside peers too, and keep a report in benchmarks/results (ARGS="--quick", "--only ask,kernel")
	@$(RUN) benchmarks $(ARGS)

bench-check: venv ## measure, and fail where a ratio got worse than the committed one
	@$(RUN) benchmarks --check $(ARGS)

mutants: venv ## plant small mistakes in the kernel and see each one caught, some 3 minutes
	@$(RUN) tests.mutants $(ARGS)

differential: venv ## compare the kernel with the second evaluator (ARGS="--pairs 1000000", some 30 minutes)
	@$(RUN) tests.differential $(ARGS)

lock: venv ## make requirements/*.txt anew from pyproject.toml (UPGRADE=--upgrade takes newer versions)
	@UPGRADE="$(UPGRADE)" sh scripts/lock

openapi: venv ## write openapi/openapi.json anew, and say what CHANGELOG.md must name
	@$(BIN)/qualsvc openapi --write openapi/openapi.json

clients: venv ## lint the OpenAPI document, build its TypeScript and Python clients and try both (needs Node.js), a minute
	@$(RUN) clients

fmt: venv ## format the code and mend what lint can
	@$(RUN) ruff check --fix-only
	@$(RUN) ruff format

clean: ## remove .venv and all caches; databases stay
	rm -rf .venv dist .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache clients/build clients/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
