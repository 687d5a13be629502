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
# A test of a whole instance waits for half of its time: three or four of them keep two cores busy.
INSTANCES := -n 3 --dist loadgroup
MORE_INSTANCES := -n 4 --dist loadgroup
WHEEL = WHEEL="$$(echo $(CURDIR)/dist/*.whl)"
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
FRONTEND := jupyter_nb_updater/labextension/package.json
PYTHON_SOURCES := $(shell find jupyter_nb_updater -path jupyter_nb_updater/labextension -prune -o -type f -not -name '*.pyc' -print)
FRONTEND_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f) \
	labextension/package.json labextension/package-lock.json labextension/tsconfig.json labextension/rspack.config.cjs
# If it is there, jsonschema has it build a grammar at import, for formats that nobody uses here: 2.7 s in each process.
LEAN = $(PY) -m pip uninstall --quiet --yes rfc3987-syntax
CATALOG = PATH="$(CURDIR)/$(BIN):$$($(PY) tools/node.py):$$PATH" $(PY) tools/catalog.py
NODE_HERE = PATH="$$(../$(PY) ../tools/node.py):$$PATH"

.DEFAULT_GOAL := help
# These use one core each, or nearly: two at a time.
SINGLE_PARTS := lint cloud vitest unit
PARTS := $(SINGLE_PARTS) server sandbox browser docs safety
.PHONY: help demo test quick soak build format catalog chaos pictures bench clean install $(PARTS) $(PARTS:%=do-%) do-install \
	mutants chaos-fast chaos-full

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/.demo ## a notebook instance on this machine, 34 days old, with the banner
	@exec $(BIN)/jupyter nb-updater demo $(DEMO_ARGS)

test: ## everything that CI runs, also what comes after a failure
	@began=$$(date +%s); status=0; \
	$(MAKE) --no-print-directory --jobs 2 install || status=$$?; \
	$(MAKE) --no-print-directory --keep-going --jobs 2 --output-sync=target $(SINGLE_PARTS) || status=$$?; \
	$(MAKE) --no-print-directory --keep-going $(filter-out $(SINGLE_PARTS),$(PARTS)) || status=$$?; \
	echo "time: test $$(($$(date +%s) - began)) s"; exit $$status

quick: .venv/.dev labextension/node_modules/.installed ## the linters, the types, the decisions and the frontend without a browser: while you work
	@$(MAKE) --no-print-directory --keep-going --jobs 2 --output-sync=target lint unit vitest

# Each folder in processes of its own: Playwright's event loop and that of pytest-jupyter exclude each other.
soak: .venv/.dev labextension/node_modules/.installed ## what takes too long for each change: 45 minutes
	$(PYTEST) -m soak $(PARALLEL) tests/unit
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(WHEEL) $(PYTEST) -m soak $(PARALLEL) tests/browser
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(WHEEL) $(PYTEST) -m soak $(PARALLEL) tests/chaos
	TRACES=10000 $(PYTEST) $(PARALLEL) tests/traces
	$(MAKE) --no-print-directory chaos SEED=1 RUNS=200 GEAR=fast
	$(MAKE) --no-print-directory chaos SEED=1001 RUNS=20 GEAR=full
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(WHEEL) $(PY) bench/steady.py --days 7

# Each part of the test is its `do-` below, and says how long that took.
install $(PARTS): %:
	@began=$$(date +%s); $(MAKE) --no-print-directory do-$*; status=$$?; echo "time: $* $$(($$(date +%s) - began)) s"; exit $$status

do-install: .venv/.dev labextension/node_modules/.installed tests/cloud/node_modules/.installed

build: $(FRONTEND) dist/.built ## the frontend and the wheel

lint: ## every linter and both type checkers
do-lint: .venv/.dev labextension/node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/shellcheck $$(git ls-files '*.sh') jupyter_nb_updater/sandbox/bin/* .ci/run
	$(BIN)/cfn-lint jupyter_nb_updater/cloud/*.yaml
	cd labextension && $(NODE_HERE) npm run --silent lint
	$(CATALOG) --check > /dev/null

format: .venv/.dev labextension/node_modules/.installed ## what a machine can put in order
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	cd labextension && $(NODE_HERE) npm run --silent format

catalog: .venv/.dev ## the strings of the frontend, for translators
	$(CATALOG) > /dev/null

unit: ## pure decisions, one after the other and in thousands of orders
do-unit: .venv/.dev
	$(PYTEST) $(PARALLEL) tests/unit tests/traces

server: ## the routes of a real server, and Jupyter with each part of ours broken
do-server: .venv/.dev
	$(PYTEST) $(PARALLEL) tests/server

vitest: ## the frontend without a browser
do-vitest: labextension/node_modules/.installed
	cd labextension && $(NODE_HERE) npm test --silent

cloud: ## the stack and the policies, judged by AWS's own tables
do-cloud: .venv/.dev tests/cloud/node_modules/.installed
	PATH="$$($(PY) tools/node.py):$$PATH" $(PYTEST) tests/cloud

sandbox: ## against the emulated API, real Jupyter processes and a real systemd
do-sandbox: .venv/.dev
	$(PY) -m tools.dnf
	$(PY) -m tools.systemd
	$(WHEEL) $(PYTEST) $(MORE_INSTANCES) tests/sandbox tests/systemd

browser: ## a real JupyterLab and Notebook in a real Chromium, and a restart in a real Firefox
do-browser: .venv/.dev
	$(PY) -m tools.dnf
	CHROMIUM="$$($(PY) tools/chromium.py)" && FIREFOX="$$($(PY) -m tools.firefox)" && export CHROMIUM FIREFOX $(WHEEL) && status=0; \
	$(PYTEST) $(INSTANCES) -m "not alone" tests/browser || status=1; $(PYTEST) -m alone tests/browser || status=1; exit $$status

docs: ## the commands, links and tables of the documentation
do-docs: .venv/.dev
	$(WHEEL) $(PYTEST) $(PARALLEL) --dist loadgroup tests/docs

safety: ## 20 fast and 3 full chaos runs, and a broken product that they must catch
do-safety: .venv/.dev
	@$(MAKE) --no-print-directory --keep-going --jobs 3 --output-sync=target mutants chaos-fast chaos-full

mutants: .venv/.dev
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(WHEEL) $(PYTEST) tests/chaos
chaos-fast: .venv/.dev
	@$(MAKE) --no-print-directory chaos SEED=1 RUNS=20 GEAR=fast
chaos-full: .venv/.dev
	@$(MAKE) --no-print-directory chaos SEED=1001 RUNS=3 GEAR=full

chaos: .venv/.dev ## random work, random trouble and a click: nothing may be lost (SEED=, RUNS=, GEAR=fast|full)
	@CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && \
	$(WHEEL) $(PY) -m tests.chaos --seed $(SEED) --runs $(RUNS) --gear $(GEAR)

pictures: .venv/.dev ## the pictures and the animation of the README and the guides, from the sandbox
	$(PIP) 'pillow>=11'
	CHROMIUM="$$($(PY) tools/chromium.py)" && export CHROMIUM && $(PY) -m tools.pictures && $(PY) -m tools.animation

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
