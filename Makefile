# make demo and make test are all a fresh clone needs; both build .venv from what pyproject.toml says.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test

ADD_ON := dist/home-assistant-addon

.PHONY: demo test lint check format docs add-on clean

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

# An add-on repository with the program in it; its folder eebus-gw alone is a local add-on.
add-on: $(STAMP)
	rm -rf $(ADD_ON)
	mkdir -p $(dir $(ADD_ON))
	cp -R packaging/home-assistant-addon $(ADD_ON)
	$(VENV)/bin/python -m pip wheel --quiet --no-deps --wheel-dir $(ADD_ON)/eebus-gw .

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/bin/python -m pip install --quiet --editable '.[demo,monitor,charts,metrics]'
	touch $@

$(TEST_STAMP): $(STAMP)
	$(VENV)/bin/python -m pip install --quiet --group dev
	touch $@

clean:
	rm -rf $(VENV) dist
