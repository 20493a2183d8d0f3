# Everything runs in a virtual environment at .venv, which is made on first use
# and brought up to date when pyproject.toml or constraints.txt change.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test coverage test-core test-oldest test-slow lint format bench cluster-demo cluster-campaign campaign \
	soak docs docs-check clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where models are fitted: these tests have to pass however a processor rounds. Not again: benchmarks,
# and what compiles C.
FITTING := $(addprefix tests/,classifier regressor heads inspection metrics model_selection network saved synthesis \
	test_absorb.py test_common.py test_dim_reducer.py test_linear_maps.py test_spectral.py) scann_sklearn docs \
	$(addprefix tests/export/test_,fixed_point.py onnx.py program_of.py rank_deficient.py real_data.py \
	skops.py sparse_model.py)
# What the tests of searches on a cluster need; without it they are skipped.
CLUSTERS := $(addprefix $(VENV)/.stamp-,test dask ray)
TOO_OLD := "scann-sklearn needs Python 3.11 or newer; call make PYTHON=/path/to/python3.11"

help:  ## list these targets
	@awk -F':.*## *' '/^[a-z-]+:.*##/ {printf "  make %-16s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.stamp-plot  ## DR+SCANN on the handwritten digits: a table and a figure
	$(BIN)/python -m benchmarks.demo

test: $(VENV)/.stamp-test  ## all tests but the slow ones
	$(BIN)/python -m pytest -n 2 -m "not slow" --durations=10

coverage: $(VENV)/.stamp-test  ## the same with coverage, which takes twice as long
	$(BIN)/python -m pytest -n 2 -m "not slow" --cov --cov-report=
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest tests -m "kernel_coverage and not slow" \
		--cov --cov-append --cov-report=
	$(BIN)/python -m coverage report --skip-covered --show-missing --fail-under=90

test-core: $(VENV)/.stamp-test  ## what fits a model, with the rounding of another processor
	$(BIN)/python -m tests._other_core -n 2 -m "not slow" --random-order --random-order-seed=1 $(FITTING)

test-slow: $(VENV)/.stamp-dev $(VENV)/.stamp-conformance $(CLUSTERS)  ## the slow tests: packaging, large data, clusters, the gallery
	$(BIN)/python -m pytest -m slow --durations=10

lint: $(VENV)/.stamp-dev  ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.stamp-dev  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.stamp-plot $(VENV)/.stamp-datasets  ## speed against peers, ratios in one run
	$(BIN)/python -m benchmarks.speed

cluster-demo: $(VENV)/.stamp-dask  ## a search on a cluster of two processes, on this machine
	$(BIN)/python -m benchmarks.clusters.demo

cluster-campaign: $(CLUSTERS)  ## searches, 20 of each on Dask and Ray, a worker killed in each
	$(BIN)/python -m benchmarks.clusters.killed

campaign: $(addprefix $(VENV)/.stamp-,test campaign)  ## 100 000 cases of hostile input, which take more than half an hour
	$(BIN)/python -m tests.campaigns.hostile --cases 100000 --seed 0
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(CURDIR)/$(VENV)/kernels-with-checks $(BIN)/python \
		-m tests.campaigns.hostile estimators --cases 2000 --seed 1 --label _bounds
	$(BIN)/python -m tests.campaigns.guided --runs 100000 --seed 0

soak: $(VENV)/.stamp-test  ## 10 000 fits in one process, and its memory
	GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0 \
		$(BIN)/python -m tests.campaigns.soak --count 10000

test-oldest: $(VENV)/.stamp-test  ## some tests with the oldest versions, in an environment of their own
	$(BIN)/python -m tests._versions oldest --venv $(VENV)-oldest

docs: $(VENV)/.stamp-docs  ## documentation into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

docs-check: $(VENV)/.stamp-docs  ## the same without running the examples: every warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html -D plot_gallery=0 \
		-D suppress_warnings=image.not_readable docs docs/_build/check

clean:  ## remove what was built, keep .venv
	rm -rf build dist docs/_build docs/auto_examples docs/generated .coverage .coverage.* htmlcov
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo $(TOO_OLD); exit 1; }
	$(PYTHON) -m venv $(VENV)

# One stamp for each extra of pyproject.toml.
$(VENV)/.stamp-%: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing scann-sklearn[$*] into $(VENV) (the first time takes some minutes)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$*]'
	@touch $@
