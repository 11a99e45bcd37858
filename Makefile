# make demo   sets up .venv and runs the main job: which emotions do three photographs evoke?
# make test   sets up .venv and runs the whole test suite
# make check  formatting, lint, types, import rules
# make lock   resolves the dependencies anew into constraints.txt

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := dev,curate,explore,gaze,text
STAMP := $(VENV)/.installed

.PHONY: setup demo test check lock clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "evocative needs Python 3.11 or newer; call  make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[$(EXTRAS)]'
	touch $(STAMP)

demo: setup
	$(BIN)/evocative demo

test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile

check: setup
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:
	$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-annotate --no-header --all-extras \
		--python-version 3.11 pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
