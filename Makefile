# make demo: simulate homes, train, evaluate, export certified Core ML models into demo/
# make test: run all tests
# make measured: measure what docs/measured shows, 20 minutes on two quiet cores
# Both create .venv first and need only Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MEASURED := docs/measured
# Waiting threads spin briefly, as novin_ml.waiting has it: machines are shared.
export GOMP_SPINCOUNT := 1000

.PHONY: demo test matrix sessions sbom test-long fuzz test-federated lint types docs measured benchmarks-small asv clean

demo: $(VENV)/.installed
	$(BIN)/novin-ml demo --out demo

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_OPTIONS)

# The tests with each Python and the oldest and newest dependencies, as noxfile.py says.
# One of them: make matrix SESSION='tests(oldest)' PYTEST_OPTIONS='tests/events'
SESSION ?= tests
matrix: .venv-nox/.installed
	.venv-nox/bin/nox --session '$(SESSION)' $(if $(PYTEST_OPTIONS),-- $(PYTEST_OPTIONS))

# Their names, for the workflow on GitHub.
sessions: .venv-nox/.installed
	@.venv-nox/bin/nox --list --json --session tests | .venv-nox/bin/python -c \
	  'import json, sys; print("sessions=" + json.dumps([s["session"] for s in json.load(sys.stdin)]))'

# What an install contains (dist/sbom.json, CycloneDX), and the licence of each part.
sbom: .venv-nox/.installed
	.venv-nox/bin/nox --session sbom

# The property tests again, with many more examples.
test-long: $(VENV)/.installed-test
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n 2 --dist worksteal tests/properties

# Many more changed files for each reader, in processes of 1 GB and 20 seconds a file: an hour.
fuzz: $(VENV)/.installed-test
	$(BIN)/python -m tests.fuzz $(FUZZ_OPTIONS)

# The tests of federations with Flower, which pins older versions: in an environment of its own.
test-federated: .venv-federated/.installed
	.venv-federated/bin/python -m pytest -n 2 --dist worksteal -q tests/federated

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-lint
	$(BIN)/mypy

docs: $(VENV)/.installed-docs
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/links.py docs/_build/html

# What the page on benchmarks shows. Nothing else should run meanwhile: the files say how loaded the
# machine was.
# One that fails does not keep the others from writing their tables.
measured: $(VENV)/.installed-bench
	@failed=0; set -x; \
	$(BIN)/python -m benchmarks.scaling --runs 4 --markdown $(MEASURED)/scaling.md \
	  --plot $(MEASURED)/scaling.svg || failed=1; \
	$(BIN)/python -m benchmarks.fit --pairs 3 --markdown $(MEASURED)/fit.md || failed=1; \
	$(BIN)/python -m benchmarks.waiting --markdown $(MEASURED)/waiting.md || failed=1; \
	$(BIN)/python -m benchmarks.scale --markdown $(MEASURED)/scale.md || failed=1; \
	$(BIN)/python -m benchmarks.frontier --markdown $(MEASURED)/frontier.md || failed=1; \
	$(BIN)/python -m benchmarks.one_row --markdown $(MEASURED)/one_row.md || failed=1; \
	$(BIN)/python -m benchmarks.growth --markdown $(MEASURED)/growth.md || failed=1; \
	$(BIN)/python -m benchmarks.peers --rows 20000 --pairs 3 --markdown $(MEASURED)/peers.md || failed=1; \
	$(BIN)/python -m benchmarks.seed_table --markdown $(MEASURED)/seed_table.md || failed=1; \
	$(BIN)/python -m benchmarks.promises --markdown $(MEASURED)/promises.md || failed=1; \
	$(BIN)/python -m benchmarks.federated --only curve --homes 120 --rounds 40 --plot $(MEASURED) \
	  || failed=1; \
	$(BIN)/python -m benchmarks.stock_coremltools --markdown > $(MEASURED)/stock_coremltools.md || failed=1; \
	exit $$failed

# The same commands, small: that they run, not what they measure.
benchmarks-small: MEASURED := build/benchmarks
benchmarks-small: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.scaling --scale 0.01 --runs 2 --keep-loaded \
	  --markdown $(MEASURED)/scaling.md --json $(MEASURED)/scaling.json --plot $(MEASURED)/scaling.svg
	$(BIN)/python -m benchmarks.fit --rows 10000 --pairs 1 --rounds 20 --network-rows 2000 \
	  --network-epochs 2 --markdown $(MEASURED)/fit.md
	$(BIN)/python -m benchmarks.one_row --runs 1 --markdown $(MEASURED)/one_row.md
	$(BIN)/python -m benchmarks.frontier --rows 1000 --tables delivery --repeats 1 \
	  --models boosting,xgboost,LightGBM --markdown $(MEASURED)/frontier.md
	$(BIN)/python -m benchmarks.scale --gigabytes 0.05,0.1 --markdown $(MEASURED)/scale.md
	$(BIN)/python -m benchmarks.growth --largest 4000 --runs 2 --memory-rows 20000 \
	  --markdown $(MEASURED)/growth.md
	$(BIN)/python -m benchmarks.peers --rows 1000 --pairs 1 --markdown $(MEASURED)/peers.md
	$(BIN)/python -m benchmarks.seed_table --scale 0.01 --markdown $(MEASURED)/seed_table.md
	$(BIN)/python -m benchmarks.promises --small --markdown $(MEASURED)/promises.md
	$(MAKE) asv ASV_OPTIONS='--bench Parity --bench Features.time --bench FitFleet.time'

# The asv suite in this environment, each benchmark once, and its pages beside the documentation.
# Plain `asv run --quick` builds an environment of its own instead.
asv: $(VENV)/.installed-bench
	$(BIN)/asv machine --yes
	$(BIN)/asv run --quick --launch-method forkserver \
	  --environment existing:$(abspath $(BIN)/python) --set-commit-hash $$(git rev-parse HEAD) $(ASV_OPTIONS)
	$(BIN)/asv publish

clean:
	rm -rf $(VENV) .venv-federated .venv-nox .nox build dist demo docs/_build docs/api docs/auto_gallery

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "novin_ml needs Python 3.11 to 3.13. Got %d.%d. Name one: make PYTHON=python3.12 ..." % v)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[all]'
	touch $@

.venv-nox/.installed:
	$(PYTHON) -m venv .venv-nox
	.venv-nox/bin/python -m pip install --quiet 'nox>=2024.4'
	touch $@

.venv-federated/.installed: pyproject.toml
	$(PYTHON) -m venv .venv-federated
	.venv-federated/bin/python -m pip install --quiet --editable '.[all,federated-simulation]' \
	  hypothesis pytest pytest-xdist
	touch $@

$(VENV)/.installed-%: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@
