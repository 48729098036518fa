# make report   set up, run the sample study, print the report's path
# make test     lint, types and tests
# make scenario whole stories, on a real Prefect server and under kill -9
# make bench    the benchmark table
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: report test scenario bench lint lock setup clean

setup: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("coprod_trust needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV) (about half a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@# The lock is complete, so nothing is resolved: older versions of pip stumble over extras when they resolve by hash.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

report: $(INSTALLED)
	@$(BIN)/coprod-trust run data/sample

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -m "not scenario" -n 2 --dist loadfile --no-loadscope-reorder

# Whole stories: years of a study on a real server, many studies on a cluster, a run killed at every moment.
scenario: $(INSTALLED)
	$(BIN)/python -m pytest -m scenario -n 2 --dist loadfile

bench: $(INSTALLED)
	$(BIN)/python -m bench

# After a change of dependencies: uv comes from PyPI.
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv lock
	$(BIN)/uv export --quiet --frozen --all-groups --all-extras --no-emit-project -o requirements.lock

clean:
	rm -rf $(VENV) data/sample/work data/sample/published data/sample/reports
