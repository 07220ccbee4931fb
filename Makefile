# Every verb makes what it needs: the first that runs Python creates .venv from the lock files.
# `make` alone lists the verbs.

.DEFAULT_GOAL := help
.PHONY: help run test test-quick deep lint format messages lock bench torture conformance screenshots budgets clean

ENV := .venv/bin
CODE := customermates accounts crm mcp_gateway webhooks tools tests $(wildcard bench)
TEMPLATES := $(wildcard templates customermates accounts crm mcp_gateway webhooks)
SIZE ?= full
COMPILE := $(ENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# The Python that makes .venv (a caller may choose: make PYTHON=…), or "!" and a sentence when there is none.
python = $(eval python := $(shell PYTHON='$(PYTHON)' sh tools/find_python.sh))$(python)
environment = $(if $(filter !%,$(python)),$(error $(patsubst !%,%,$(python))),@"$(python)" tools/bootstrap.py)

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: ## serve a sample company on http://127.0.0.1:8000 (PORT=… for another port)
	$(environment) run
	@exec $(ENV)/python tools/run.py

test: ## run all tests on SQLite, and on PostgreSQL where a server can be had (ARGS=… goes to pytest)
	$(environment) dev
	@exec $(ENV)/python -m tools.run_tests $(ARGS)

test-quick: ## run all tests on SQLite only (ARGS=… goes to pytest)
	$(environment) dev
	@exec $(ENV)/python -m tools.run_tests --quick $(ARGS)

deep: ## all tests with 200 examples and more for each property and each operation (ARGS narrows; hours)
	$(environment) dev
	@HYPOTHESIS_PROFILE=deep exec $(ENV)/python -m tools.run_tests $(ARGS)

lint: ## check style, types, layers, templates and migrations; changes nothing
	$(environment) dev
	$(ENV)/ruff check .
	$(ENV)/ruff format --check .
	$(ENV)/mypy $(CODE)
	$(ENV)/lint-imports
	find $(TEMPLATES) -name '*.html' -exec $(ENV)/djade --target-version 5.2 --check {} +
	$(ENV)/python manage.py makemigrations --check --dry-run

format: ## bring code and templates into their one form
	$(environment) dev
	$(ENV)/ruff check --fix-only .
	$(ENV)/ruff format .
	-find $(TEMPLATES) -name '*.html' -exec $(ENV)/djade --target-version 5.2 {} +

messages: ## bring the translations in locale/ up to date with the code
	$(environment) dev
	@exec $(ENV)/python tools/messages.py

lock: ## write requirements/*.txt anew from requirements/*.in (UPGRADE=1 takes newer releases)
	$(environment) dev
	$(COMPILE) --output-file requirements/run.txt requirements/run.in
	$(COMPILE) --output-file requirements/dev.txt requirements/dev.in

bench: ## measure, and write bench/results (SIZE=small takes minutes)
	$(environment) dev
	@exec $(ENV)/python -m bench --size $(SIZE)

torture: ## kill, starve and flood deliveries; writes docs/torture.md (SIZE=small takes two minutes)
	$(environment) dev
	@exec $(ENV)/python -m bench.torture --size $(SIZE)

conformance: ## run the official MCP suite, other clients, and verifiers of webhooks against this checkout
	$(environment) dev
	@$(ENV)/python tools/conformance.py
	@exec $(ENV)/python -m tools.webhook_verifiers

screenshots: ## picture every page and overlay in build/screenshots (ONLY="words" of their names or looks narrows)
	$(environment) dev
	@exec $(ENV)/python -m tools.gallery.screenshots $(ONLY)

budgets: ## weigh and time every page, and write docs/ui-budgets.md
	$(environment) dev
	@exec $(ENV)/python -m tools.gallery.budgets

clean: ## remove the virtual environment and all caches; var/, which holds data, stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
