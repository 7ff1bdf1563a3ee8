# Everything a fresh Debian or Ubuntu machine needs is set up by the first target that needs it.
PYTHON ?= python3
VENV ?= .venv
RESULTS ?= runs
REFERENCES ?=
PYTEST_FLAGS ?= -n auto

PROBE := $(VENV)/bin/probe
TIERS ?= notes sounds speech
MODELS := builtin/programs builtin/noise builtin/silence $(if $(REFERENCES),builtin/reference)
SET_UP := $(VENV)/.set-up
SET_UP_DEV := $(VENV)/.set-up-dev

.PHONY: help run test check format engine tools

help:
	@echo 'make run    every tier from prompt to leaderboard, into $(RESULTS)/ (TIERS=notes for one)'
	@echo 'make test   style, types and tests'
	@echo 'make check  style and types alone'

run: engine
	@for tier in $(TIERS); do for model in $(MODELS); do \
		$(PROBE) run --tier $$tier --model $$model --results $(RESULTS) \
			$(if $(REFERENCES),--references $(REFERENCES)/$$tier) || exit; \
	done; done
	@$(PROBE) leaderboard --results $(RESULTS)

test: check engine tools
	$(VENV)/bin/python -m pytest $(PYTEST_FLAGS)

check: $(SET_UP_DEV)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

format: $(SET_UP_DEV)
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

engine: $(SET_UP)
	@$(PROBE) sandbox start
	@$(PROBE) sandbox build

# Programs that tests start: the second sandbox, which is held to the same suite as the first;
# engines; a browser, and the library that its driver lacks on a bare machine. Tests skip what is
# absent, but for the sandbox.
tools:
	@missing=; \
	for each in bwrap:bubblewrap espeak-ng:espeak-ng flite:flite \
			fluidsynth:fluidsynth,timgm6mb-soundfont chromium:chromium; do \
		command -v $${each%%:*} >/dev/null || missing="$$missing $$(echo $${each#*:} | tr , ' ')"; \
	done; \
	/sbin/ldconfig -p | grep -q libatomic.so.1 || missing="$$missing libatomic1"; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq; \
		apt-get install -y -qq --no-install-recommends $$missing libseccomp2 >/dev/null \
			|| apt-get install -y -qq --no-install-recommends bubblewrap libseccomp2; \
	elif [ -n "$$missing" ]; then echo "not installed, tests are skipped:$$missing" >&2; fi; \
	command -v bwrap >/dev/null || { echo 'install bubblewrap, which the tests need' >&2; exit 3; }

# Debian's python3 comes without ensurepip, which `python3 -m venv` needs.
$(SET_UP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'probe needs Python 3.11 or newer; set PYTHON=' >&2; exit 3; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
		then apt-get update -qq && apt-get install -y -qq python3-venv; \
		else echo 'Python has no venv; install it (Debian: apt-get install python3-venv)' >&2; exit 3; fi; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --editable .
	@touch $@

$(SET_UP_DEV): $(SET_UP)
	$(VENV)/bin/pip install --quiet --editable '.[dev]'
	@touch $@
