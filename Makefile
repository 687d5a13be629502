# Two commands matter: `make demo` shows it, `make test` proves it. Everything they need is brought into .venv.

PYTHON ?= python3
DEMO_ARGS ?=
SEED ?= 1
RUNS ?= 60
GEAR ?= fast
BIN := .venv/bin
PY := $(BIN)/python
PYTEST := $(PY) -m pytest
PARALLEL := -n 2
WHEEL = WHEEL="$$(echo $(CURDIR)/dist/*.whl)"
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
FRONTEND := jupyter_nb_updater/labextension/package.json
PYTHON_SOURCES := $(shell find jupyter_nb_updater -path jupyter_nb_updater/labextension -prune -o -type f -not -name '*.pyc' -print)
FRONTEND_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f) \
	labextension/package.json labextension/package-lock.json labextension/tsconfig.json labextension/rspack.config.cjs
# If it is there, jsonschema has it build a grammar at import, for formats that nobody uses here: 2.7 s in each process.
LEAN = $(PY) -m pip uninstall --quiet --yes rfc3987-syntax
NODE_HERE = PATH="$$(../$(PY) ../tools/node.py):$$PATH"

.DEFAULT_GOAL := help
.PHONY: help demo test build lint format unit vitest cloud sandbox browser docs safety chaos pictures bench clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/.demo ## a notebook instance on this machine, 34 days old, with the banner
	@exec $(BIN)/jupyter nb-updater demo $(DEMO_ARGS)

test: ## everything that CI runs, also what comes after a failure
	@$(MAKE) --no-print-directory --keep-going lint unit vitest cloud sandbox browser docs safety

build: $(FRONTEND) dist/.built ## the frontend and the wheel

lint: .venv/.dev labextension/node_modules/.installed ## every linter and both type checkers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/shellcheck $$(git ls-files '*.sh') jupyter_nb_updater/sandbox/bin/* .ci/run
	$(BIN)/cfn-lint jupyter_nb_updater/cloud/*.yaml
	cd labextension && $(NODE_HERE) npm run --silent lint

format: .venv/.dev labextension/node_modules/.installed ## what a machine can put in order
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	cd labextension && $(NODE_HERE) npm run --silent format

unit: .venv/.dev ## pure decisions, and the routes of a real server
	$(PYTEST) $(PARALLEL) tests/unit tests/traces tests/server

vitest: labextension/node_modules/.installed ## the frontend without a browser
	cd labextension && $(NODE_HERE) npm test --silent

cloud: .venv/.dev tests/cloud/node_modules/.installed ## the stack and the policies, judged by AWS's own tables
	PATH="$$($(PY) tools/node.py):$$PATH" $(PYTEST) tests/cloud

sandbox: .venv/.dev ## against the emulated API, real Jupyter processes and a real systemd
	$(PY) -m tools.dnf
	$(PY) -m tools.systemd
	$(WHEEL) $(PYTEST) $(PARALLEL) --dist loadfile tests/sandbox tests/systemd

browser: .venv/.dev ## a real JupyterLab and Notebook in a real Chromium
	$(PY) -m tools.dnf
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(WHEEL) $(PYTEST) tests/browser

docs: .venv/.dev ## the commands, links and tables of the documentation
	$(WHEEL) $(PYTEST) tests/docs

safety: .venv/.dev ## 60 fast and 10 full chaos runs, and three broken products that they must catch
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(WHEEL) $(PYTEST) tests/chaos
	$(MAKE) --no-print-directory chaos SEED=1 RUNS=60 GEAR=fast
	$(MAKE) --no-print-directory chaos SEED=1001 RUNS=10 GEAR=full

chaos: .venv/.dev ## random work, random trouble and a click: nothing may be lost (SEED=, RUNS=, GEAR=fast|full)
	@CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && \
	$(WHEEL) $(PY) -m tests.chaos --seed $(SEED) --runs $(RUNS) --gear $(GEAR)

pictures: .venv/.dev ## the README's pictures, taken from the sandbox
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(PY) tools/pictures.py

bench: .venv/.dev ## what we promise about speed, against a named peer
	$(PY) bench/load.py
	$(PY) bench/packages.py
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(WHEEL) && export WHEEL && $(PY) bench/steady.py --days 1 && $(PY) bench/round.py && $(PY) bench/downtime.py

clean: ## everything that was built or brought
	rm -rf .venv build dist *.egg-info jupyter_nb_updater/labextension labextension/lib labextension/node_modules \
		tests/cloud/node_modules

.venv/.created:
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' \
		|| { echo 'Python 3.10 or newer with venv is needed (Debian: apt-get install python3-venv); set PYTHON=...'; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) --upgrade 'pip>=24' 'setuptools>=77' wheel build
	@touch $@

.venv/.demo: dist/.built
	$(PIP) --force-reinstall --no-deps dist/*.whl
	$(PIP) "$$(echo dist/*.whl)[demo]"
	$(LEAN)
	@touch $@

.venv/.dev: .venv/.demo pyproject.toml
	$(PIP) "$$(echo dist/*.whl)[demo,test,lint]"
	$(LEAN)
	@touch $@

dist/.built: $(FRONTEND) $(PYTHON_SOURCES) pyproject.toml setup.py .venv/.created
	@rm -rf build dist
	$(PY) -m build --wheel --no-isolation . > /dev/null
	@touch $@

$(FRONTEND): labextension/node_modules/.installed $(FRONTEND_SOURCES)
	cd labextension && $(NODE_HERE) npm run --silent build

labextension/node_modules/.installed: .venv/.created labextension/package-lock.json
	cd labextension && $(NODE_HERE) npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

tests/cloud/node_modules/.installed: .venv/.created tests/cloud/package-lock.json
	cd tests/cloud && PATH="$$(../../$(PY) ../../tools/node.py):$$PATH" npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@
