# Two commands on a fresh machine (Python 3.11 or newer, make): `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DATA ?= ../shared/bench
# Two processes by default: each holds a loaded parser, about 1 GB.
SPREAD ?= -n 2 --dist worksteal

.PHONY: help demo docs test test-spark test-all lint types spark bench lock sbom clean

help:
	@echo "make demo      set up, build a record from examples/ and print its brief"
	@echo "make test      set up, then lint, types and tests"
	@echo "make test-all  the slow tests too"
	@echo "make test-spark  set up Apache Spark and run its tests but the slow (needs Java, or apt to install it)"
	@echo "make docs      build the documents' site into build/site"
	@echo "make bench     measure on the gold sets in DATA ($(DATA)) and write bench/SCORECARD.md"
	@echo "make lock      resolve the dependencies anew (needs uv)"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "onrecord needs Python 3.11 or newer; name one: make PYTHON=python3.12 demo"; exit 2; }
	$(PYTHON) -m venv .venv

.venv/run.done: lock/run.txt pyproject.toml | .venv/bin/python
	$(INSTALL) --require-hashes -r lock/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.done: lock/dev.txt .venv/run.done
	$(INSTALL) --require-hashes -r lock/dev.txt
	@touch $@

spark: .venv/spark.done

.venv/spark.done: lock/spark.txt .venv/dev.done
	@command -v java >/dev/null || { apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless; } || \
		echo "no Java runtime: the tests of the engine spark will be skipped"
	$(INSTALL) --require-hashes -r lock/spark.txt
	@touch $@

.venv/bench.done: lock/bench.txt .venv/run.done
	$(INSTALL) --require-hashes -r lock/bench.txt
	@touch $@

demo: .venv/run.done
	@$(BIN)/onrecord build examples/reports -o build/demo.duckdb
	@$(BIN)/onrecord brief build/demo.duckdb
	@$(BIN)/onrecord brief build/demo.duckdb --html build/demo.html

docs: .venv/dev.done
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "build/site/index.html"

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.done
	$(BIN)/mypy

test: lint types
	$(BIN)/python -m pytest -m "not slow" $(SPREAD)

test-spark: spark
	$(BIN)/python -m pytest -rs -m "not slow" tests/test_spark.py

test-all: lint types spark
	$(BIN)/python -m pytest -rs

bench: .venv/bench.done
	$(BIN)/python -m bench --data $(DATA) --scorecard

sbom: .venv/run.done
	$(BIN)/python scripts/sbom.py

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o lock/run.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o lock/dev.txt -c lock/run.txt
	uv pip compile pyproject.toml --extra bench --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o lock/bench.txt -c lock/run.txt
	uv pip compile pyproject.toml --extra spark --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o lock/spark.txt -c lock/run.txt

clean:
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache
