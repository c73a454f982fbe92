# Hedui 核对. `make` alone says what there is. Needs Python 3.11 or later and nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; name another with PYTHON=…
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
# Unless it was named, set-up looks whether a quicker one is at hand: services are mostly Python.
SETUP = $(PYTHON) -m deploy.local.bootstrap $(if $(filter file,$(origin PYTHON)),--choose)
# Relative, so that a checkout in a path with blanks works.
VENV := var/venv/bin
LOCAL := $(VENV)/python -m deploy.local
COMPILE := $(VENV)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

##@ The platform on this machine

.PHONY: setup
setup: ## packages, Kafka's jars: everything a start needs, into var/
	@$(SETUP)

.PHONY: demo
demo: setup ## three hundred households from application to the card (KEEP=1 leaves it running)
	@$(VENV)/python -m deploy.demo

.PHONY: trace
trace: setup ## draw a trace: make trace TRACE=… (the last demonstration's without)
	@$(VENV)/python -m deploy.demo.trace $(TRACE)

.PHONY: up
up: setup ## start everything; returns when it is ready
	@$(LOCAL) up

.PHONY: down
down: setup ## stop what was started
	@$(LOCAL) down

.PHONY: status
status: setup ## what runs, where, is it ready (JSON=1 for programs)
	@$(LOCAL) status $(if $(JSON),--json)

.PHONY: logs
logs: setup ## the end of a log: make logs SERVICE=intake (FOLLOW=1 goes on)
	@$(LOCAL) logs $(SERVICE) $(if $(FOLLOW),--follow)

.PHONY: token
token: setup ## a token: make token ROLE=township_clerk OFFICE=cn/2307/230799/230799001/
	@$(LOCAL) token --role '$(ROLE)' --office '$(OFFICE)' $(if $(SUBJECT),--subject '$(SUBJECT)')

.PHONY: clock
clock: setup ## business time; make clock DAYS=30 moves it forward
	@$(LOCAL) clock $(if $(DAYS),forward $(DAYS),show)

##@ Working on it

.PHONY: setup-tests
setup-tests:
	@$(SETUP) --tests

.PHONY: check
check: setup-tests ## format, lint, types, import rules, and the quick tests (CI)
	@$(VENV)/python -m ruff format --check .
	$(VENV)/python -m ruff check .
	$(VENV)/python -m mypy
	$(VENV)/lint-imports
	$(VENV)/python -m pytest -q -n 2 tests/architecture tests/contracts tests/unit

.PHONY: test
test: setup-tests ## every test, with a minute of faults among them (CI)
	@$(VENV)/python -m pytest -q -n 2

.PHONY: chaos
chaos: setup-tests ## the whole way under faults: make chaos MINUTES=10 SEED=7; writes var/chaos.json
	@$(VENV)/python -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(CONTROL),--control $(CONTROL))

.PHONY: chaos-controls
chaos-controls: setup-tests ## take out one protection at a time: each must be found missing
	@$(VENV)/python -m tests.chaos.controls

.PHONY: fmt
fmt: setup-tests ## put the code into its format
	@$(VENV)/python -m ruff check --fix-only .
	$(VENV)/python -m ruff format .

.PHONY: bench
bench: setup-tests ## measure limits, pipeline, money; writes var/bench.json (ONLY=pipeline or ONLY=money measures a half)
	@$(VENV)/python -m deploy.bench $(if $(ONLY),--only $(ONLY))

##@ What is generated

.PHONY: contracts
contracts: setup ## write OpenAPI, AsyncAPI and JSON Schemas into contracts/published/
	@$(VENV)/python -m deploy.publishing

.PHONY: flow
flow: setup ## write docs/flow.md (what happens when…?) and docs/policy.md
	@$(VENV)/python -m docs.generate
	$(VENV)/python -m docs.policy

.PHONY: lock
lock: setup ## pin the packages of requirements/*.in with their hashes
	@for name in boot run dev; do $(COMPILE) requirements/$$name.in -o requirements/$$name.txt; done

##@ Cleaning

.PHONY: clean
clean: ## stop everything, then remove data, logs and keys (packages and jars stay)
	@if [ -x $(VENV)/python ]; then $(LOCAL) down; $(LOCAL) --var var/test down; fi
	rm -rf var/{anchors,chaos,journeys,kafka,log,postgres,run,secrets,simulator,site,test,traces,clock.json,ports.json}

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## "; print "Hedui 核对\n\nmake demo       shows it all" } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
