PORT ?= 8000
PYTEST ?=
BENCH ?=
python := .venv/bin/python
production = DEBUG=false DEMO=false BASE_URL=https://dialog.example.org \
	SECRET_KEY=$$($(python) -c 'import secrets; print(secrets.token_urlsafe(50))')
compile = $(python) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run test test-services bench screenshots fmt lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install everything that is missing, and nothing twice
	@luener_dialog/bin/setup

run: setup ## portal with demo data on http://127.0.0.1:8000 (PORT=8001 make run: another port)
	@exec env DEBUG=true DEMO=true BASE_URL=http://127.0.0.1:$(PORT) $(python) manage.py serve --port $(PORT)

test: export DEBUG := true
test: ## every check there is: lint, contracts, types, migrations, deployment, tests (PYTEST='-k word')
	@luener_dialog/bin/setup --with-browser
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	.venv/bin/lint-imports
	$(python) -m mypy dialog conferences measures luener_dialog
	$(python) manage.py makemigrations --check --dry-run
	$(production) $(python) manage.py check --deploy --fail-level WARNING
	$(python) -m pytest --no-migrations -n auto --dist loadgroup $(PYTEST)

test-services: setup ## the tests against PostgreSQL and Redis (TEST_DATABASE_URL, TEST_REDIS_URL)
	@luener_dialog/bin/test-services $(PYTEST)

bench: ## measured ratios, as a table and in var/bench.json (BENCH='report': a part, see tests/bench)
	@luener_dialog/bin/setup --with-browser
	@DEBUG=true $(python) -m tests.bench $(BENCH)

screenshots: ## the README's pictures, made from the running demo
	@luener_dialog/bin/setup --with-browser
	@DEBUG=true $(python) -m tests.pictures

fmt: setup ## bring the code into its form
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

lock: setup ## renew requirements.lock, tests/requirements.lock and package-lock.json
	$(python) -m pip install --quiet uv
	$(compile) -o requirements.lock
	$(compile) --group test -o tests/requirements.lock
	npm update --package-lock-only --ignore-scripts
