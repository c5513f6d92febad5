# Every target can be run twice. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo test proof bench lint format translations pictures lock

python := .venv/bin/python
uv_compile := uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

install: ## the virtual environment with the pinned packages
	@bin/venv requirements.txt

install-dev: install
	@bin/venv requirements.txt requirements-dev.txt

run: install ## serve on http://127.0.0.1:8000 (PORT changes it); data in instance/
	@exec $(python) -m poa_tickets.server

demo: install ## the same with a sample municipality in instance/demo/
	@exec $(python) -m poa_tickets.server --demo

test: install-dev ## the whole suite; ARGS="tests/domain -x" for a part
	@bin/ensure-test-tools
	@exec $(python) -m pytest -n 2 --dist loadgroup $(ARGS)

proof: install-dev ## ten thousand mails through a mail server that misbehaves; takes a quarter of an hour
	@MAILS=$${MAILS:-10000} $(python) -m pytest -q tests/resilience/test_ten_thousand_mails.py $(ARGS)

bench: install-dev ## measure the pages beside bare ones
	@exec $(python) -m bench $(ARGS)

bench-digests: install-dev ## measure a week's digest for 100 and 500 readers
	@exec $(python) -m bench.digests $(ARGS)

lint: install-dev ## what the tools say about the code; changes nothing
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@if [ -d templates ]; then .venv/bin/djlint templates --lint --quiet; fi

format: install-dev ## let the formatter rewrite
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

translations: install-dev ## gather the texts into the English catalogue, keep its translations
	@$(python) bin/translations.py

pictures: install-dev ## take the pictures of README and manual anew
	@$(python) bin/pictures.py

lock: install-dev ## pin again what requirements*.in ask for
	@$(python) -m pip install --quiet --disable-pip-version-check uv
	@UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/$(uv_compile) $(ARGS) requirements.in -o requirements.txt
	@UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/$(uv_compile) $(ARGS) requirements-dev.in -o requirements-dev.txt
