# CNN Explorer: `make run` starts the program; `make test` and `make lint` check it.
# Each target first makes the environment in .venv, once; `rm -rf .venv` to make it anew.

# TensorFlow is published for Python 3.11 to 3.13 at present: the first of these that is one of them.
PYTHON ?= $(or $(shell for python in python3 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && \
    echo $$python && break; done),python3)
# Two processes, a file of tests always in one of them, so that what a file prepares is prepared once.
TEST := -n 2 --dist loadfile
# Where a test hangs in foreign code, which a timeout of Python's cannot end: all stacks, and the process ends. Another one
# tries the test again, twice at most.
STUCK := -o faulthandler_timeout=330 -o faulthandler_exit_on_timeout=true --max-worker-restart=2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What the executable is built in: nothing but what goes into it, and what builds it.
PACKAGE_VENV := build/package-venv
PACKAGE_READY := $(PACKAGE_VENV)/.ready

.PHONY: run test test-all lint format bench pictures lock package package-test wheel clean

# The window; without a display the demo, which shows in files what the program does.
run: $(READY)
	@$(BIN)/python -m cnn_explorer.system_check
	@if [ "$$(uname)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    $(BIN)/cnn-explorer; \
	else \
	    echo "There is no display, so this runs cnn-explorer demo, which needs none."; \
	    $(BIN)/cnn-explorer demo; \
	fi

test: $(READY)
	@$(BIN)/python -m cnn_explorer.system_check
	$(BIN)/python -m pytest $(TEST) $(STUCK) -m "not slow"

test-all: $(READY)
	@$(BIN)/python -m cnn_explorer.system_check
	$(BIN)/python -m pytest $(TEST)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks

# The pictures of the README, anew.
pictures: $(READY)
	$(BIN)/python docs/make_pictures.py

# The program for people who have no Python: the folder dist/cnn-explorer, and an archive of it (docs/packaging.md).
package: $(PACKAGE_READY)
	$(PACKAGE_VENV)/bin/python packaging/build.py

# Unpacks that archive and uses it from outside. Needs Xvfb and libXtst (Debian: xvfb, libxtst6).
package-test: $(READY)
	$(BIN)/python -m pytest -v -s -o pythonpath=packaging --timeout=1200 packaging

# For people who have Python: pip install dist/cnn_explorer-*.whl
wheel: $(READY)
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

# After a change to the dependencies in pyproject.toml. Needs uv (pip install uv). The lock of the executable keeps to
# the versions of the other one; in it tensorflow-cpu stands for tensorflow.
LOCK := uv pip compile --quiet --universal --python-version 3.11 pyproject.toml --generate-hashes --no-header \
    --no-emit-index-url
lock:
	$(LOCK) --group dev --output-file requirements.lock
	$(LOCK) --group package --overrides packaging/overrides.txt --constraint requirements.lock \
	    --output-file packaging/requirements.lock

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

define CHECK_PYTHON
	@command -v $(PYTHON) >/dev/null || \
	    { echo "There is no $(PYTHON): install Python 3.11, 3.12 or 3.13, or name it: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	    { echo "CNN Explorer needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is $$($(PYTHON) --version 2>&1):" \
	           "name another one, as in make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "Python's venv module is missing: sudo apt-get install python3-venv"; exit 1; }
endef

$(READY): requirements.lock pyproject.toml
	$(CHECK_PYTHON)
	@echo "Making the environment in $(VENV) (about 2 GB; TensorFlow takes some minutes)."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(PACKAGE_READY): packaging/requirements.lock
	$(CHECK_PYTHON)
	@echo "Making the environment of the executable in $(PACKAGE_VENV) (2 GB, some minutes)."
	@$(PYTHON) -m venv --clear $(PACKAGE_VENV)
	@$(PACKAGE_VENV)/bin/python -m pip install -q --disable-pip-version-check --require-hashes \
	    -r packaging/requirements.lock
	@touch $@
