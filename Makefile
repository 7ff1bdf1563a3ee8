# Everything a fresh Debian or Ubuntu machine needs is set up by the first target that needs it.
PYTHON ?= python3
VENV ?= .venv
RESULTS ?= runs
REFERENCES ?=
PYTEST_FLAGS ?= -n auto

PROBE := $(VENV)/bin/probe
MODELS := builtin/programs builtin/noise builtin/silence $(if $(REFERENCES),builtin/reference)
SET_UP := $(VENV)/.set-up

.PHONY: help run test check format engine bubblewrap

help:
	@echo 'make run    the notes tier from prompt to leaderboard, into $(RESULTS)/'
	@echo 'make test   style, types and tests'
	@echo 'make check  style and types alone'

run: engine
	@for model in $(MODELS); do \
		$(PROBE) run --tier notes --model $$model --results $(RESULTS) \
			$(if $(REFERENCES),--references $(REFERENCES)) || exit; \
	done
	@$(PROBE) leaderboard --results $(RESULTS)

test: check engine bubblewrap
	$(VENV)/bin/python -m pytest $(PYTEST_FLAGS)

check: $(SET_UP)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

format: $(SET_UP)
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

engine: $(SET_UP)
	@$(PROBE) sandbox start
	@$(PROBE) sandbox build

# The second sandbox, which the tests hold to the same suite as the first.
bubblewrap:
	@command -v bwrap >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
		then apt-get update -qq && apt-get install -y -qq bubblewrap libseccomp2; \
		else echo 'install bubblewrap, which the tests need' >&2; exit 3; fi; }

# Debian's python3 comes without ensurepip, which `python3 -m venv` needs.
$(SET_UP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'probe needs Python 3.11 or newer; set PYTHON=' >&2; exit 3; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
		then apt-get update -qq && apt-get install -y -qq python3-venv; \
		else echo 'Python has no venv; install it (Debian: apt-get install python3-venv)' >&2; exit 3; fi; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --editable '.[dev]'
	@touch $@
