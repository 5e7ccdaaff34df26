# The same commands as CI's; every target sets up what it needs.
BIN := .venv/bin

.PHONY: setup check test lint update bench scale demo lab compare fuzz lowest

setup: ## the checkout's .venv with the tools of the tests
	sh tests/setup.sh tests

check: ## everything CI runs
	sh tests/run.sh

test: setup
	$(BIN)/python -m pytest -q -n 2

lint: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/mypy

update: setup ## regenerate docs and goldens; then read the diff
	$(BIN)/python docs/generate.py
	$(BIN)/python -m tests.report.update
	$(BIN)/python -m tests.rules.matrix

bench: setup ## speed and memory beside capinfos, tshark, tcptrace and argus
	$(BIN)/python tests/bench/run.py

scale: setup ## memory from 100 MB to 5 GB, and speed with tunnels and trailers; fails when they grow
	$(BIN)/python -m tests.bench.scale

demo: ## the verdict on the story
	sh samples/demo.sh

lab: setup ## make the samples anew in network namespaces (root)
	$(BIN)/python -m tests.lab.make

compare: setup ## our counts against tshark's, flow by flow, on all captures at hand, then on changed ones
	$(BIN)/python -m tests.flows.compare samples $(wildcard ../shared/lab-examples ../shared/captures)
	$(BIN)/python -m tests.flows.mutation.mutated $(SEED) 1 samples $(wildcard ../shared/lab-examples ../shared/captures)

lowest: setup ## the tests with the oldest versions of what pcapdiag needs
	$(BIN)/python -m venv .venv/lowest
	$(BIN)/python tests/lowest.py >.venv/lowest/constraints.txt
	.venv/lowest/bin/python -m pip install -q -c .venv/lowest/constraints.txt -e '.[dev]'
	.venv/lowest/bin/python -m pytest -q -n 2

SEED := 1
SECONDS := 600
fuzz: setup ## hostile files for SECONDS, from a new seed each time
	$(BIN)/python -m tests.fuzz.run --compiled --seconds $(SECONDS) --seed $$(date +%s)
