# make demo and make test are all a fresh clone needs; both build .venv from what pyproject.toml says.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test

.PHONY: demo test lint check format clean

demo: $(STAMP)
	$(VENV)/bin/eebus-gw demo

test: $(TEST_STAMP)
	$(VENV)/bin/python -m pytest

lint: $(TEST_STAMP)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

check: lint test

format: $(TEST_STAMP)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

docs: $(STAMP)
	$(VENV)/bin/python tools/generate_docs.py

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/bin/python -m pip install --quiet --editable '.[demo,monitor,charts,metrics]'
	touch $@

$(TEST_STAMP): $(STAMP)
	$(VENV)/bin/python -m pip install --quiet --group dev
	touch $@

clean:
	rm -rf $(VENV)
