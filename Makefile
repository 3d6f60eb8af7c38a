# 関所 Sekisho. `make` alone lists what there is.
# Needs git, make and Python 3.11 or newer with venv; uses uv where it is on PATH. Everything lands in .venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
PYTEST ?= -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test bench bench-detectors check-corpora check-evasions lint format lock clean

help: ## この一覧 / this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## プラスワンの一週間を再現する / play the Plus One week, then stay up for you to look
	@$(BIN)/sekisho demo

test: $(READY) ## すべての試験 / the whole suite; what was skipped is listed with its reason
	$(BIN)/pytest $(PYTEST)

bench: $(READY) ## 性能を Postfix などと比べる / measure against Postfix and the floor (ARGS=--quick)
	@$(BIN)/python -m tests.bench $(ARGS)

bench-detectors: $(VENV)/bench ## 検出器の精度と速さ / precision, recall and speed of the detectors (DATA=folder of real data)
	@$(BIN)/python -m tests.bench.detecting $(DATA)

check-corpora: $(READY) ## 他の実装が期待する読み方と比べる / mails of other projects' tests against what they expect (DATA=folder), or any files through the inspection (FILES=folder)
	@FILES="$(FILES)" $(BIN)/python -m tests.bench.corpora $(DATA) $(ARGS)

check-evasions: $(READY) ## すり抜けを試みるメールの表 / mails that try to get past, and their harmless twins (ARGS=--all)
	@$(BIN)/python -m tests.bench.evading $(ARGS)

lint: $(READY) ## 書式、型、層 / format, style, types, layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## 書式を整える / put the code into its format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: ## requirements.lock を作り直す / pin the dependencies anew (needs uv)
	uv pip compile --quiet --upgrade --universal --generate-hashes --group dev pyproject.toml \
	  -o requirements.lock --custom-compile-command 'make lock'
	uv pip compile --quiet --upgrade --universal --generate-hashes --group pyproject.toml:bench \
	  -o tests/bench/requirements.lock --custom-compile-command 'make lock'

clean: ## 生成物を消す(.venv は残す) / remove what was generated, but .venv
	rm -rf dist sekisho-data .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find gateway detectors policies tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Sudachi, to compare with: some hundred megabytes that nothing else needs.
$(VENV)/bench: tests/bench/requirements.lock $(READY)
	@if command -v uv >/dev/null; then \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r $<; \
	else \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<; \
	fi
	@touch $@

# Every package comes by its hash. hatchling is one of them, so that nothing is fetched beside the lock.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 以上が必要です / Python 3.11 or newer is needed (make PYTHON=python3.12 …)' >&2; exit 1; }
	@if command -v uv >/dev/null; then \
	  set -ex; \
	  test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  set -ex; \
	  test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
