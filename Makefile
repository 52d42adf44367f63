.PHONY: run test test-fast check audit fuzz demo bench chaos clean
.DEFAULT_GOAL := run

run:            ## install what is missing, migrate, start on HOST:PORT
	@.ci/install
	@exec .venv/bin/python manage.py serve

test: .ci/*     ## all tests on SQLite, and on PostgreSQL + Redis those to which that may matter
	@.ci/install dev
	@.ci/packages
	@.venv/bin/python -m tests.run

test-fast:      ## what a change is tried with first: the decisions, without a database or a server
	@.ci/install dev
	@.venv/bin/python -m tests.run fast

check:          ## lint, types, import direction, missing migrations
	@.ci/install dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/python manage.py makemigrations --check --dry-run
	.venv/bin/mypy .

audit:          ## what is installed: pinned, with a reason, consistent, without known vulnerabilities
	@.ci/install dev
	@.venv/bin/python -m tests.dependencies $(ARGS)

fuzz:           ## every operation of the OpenAPI document with many cases (FUZZ_EXAMPLES of each kind, default 200)
	@.ci/install dev
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} .venv/bin/python -m pytest tests/fuzzing -n 2 --dist worksteal -rP | grep -v WARNING

demo:           ## the example trading application with real traffic, against a running TradeWatch
	@.ci/install dev
	@.venv/bin/python -m examples.trading_app.demo $(ARGS)

bench:          ## the benchmarks that README quotes
	@.ci/install dev
	@.venv/bin/python -m benchmarks.run $(ARGS)

chaos:          ## disturb a real server at random (ARGS="--minutes 30 --seed N --grown") and check that nothing is lost
	@.ci/install dev
	@.venv/bin/python -m tests.chaos.schedule $(ARGS)
