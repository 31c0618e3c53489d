# Yinxin 印信. `make` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GO        ?= go
DEMO_DIR  ?= ./out/demo
PKG       ?= ./...
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
LINTER    ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help build demo test race lint fuzz bench check clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

build: ## build bin/yinxin
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/yinxin ./cmd/yinxin

demo: build ## issue a licence with its seals, seal documents, verify them; DEMO_DIR=./out/demo
	bin/yinxin demo --dir $(DEMO_DIR)

# Tests need Go alone. What a test needs beyond that (a program, the sample files in YINXIN_SAMPLES) and does not find is listed at the end;
# YINXIN_REQUIRE=all makes each such skip a failure.
test: ## run all tests and list what was skipped; PKG=./... narrows this and the next
	@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT && code=0 && \
	{ YINXIN_SKIPLOG="$$log" $(GO) test -count=1 $(PKG) || code=$$?; } && \
	if [ -s "$$log" ]; then echo; echo "Skipped:"; sort -u "$$log" | sed 's/^/  /'; else echo; echo "Nothing was skipped."; fi && \
	exit $$code

race: ## run all tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -count=1 -race $(PKG)

lint: ## gofmt, go vet, staticcheck and the other linters of .golangci.yaml
	$(GO) run $(LINTER) run $(PKG)

# Before Go 1.27 the fuzzer sometimes reports its own deadline as a failure (go.dev/issue/75804); one without a failing input is none.
fuzz: ## run every fuzz target for FUZZTIME=10s
	@set -euo pipefail; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	found=$$(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sed -E 's/^(.*)\/[^/]+:func (.*)/\1 \2/' | sort -u); \
	if [ -z "$$found" ]; then echo "no fuzz target found" >&2; exit 1; fi; \
	while read -r dir target; do \
		echo "== $$dir $$target"; \
		$(GO) test "$$dir" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x < /dev/null 2>&1 | tee "$$log" || \
			{ grep -qx ' *context deadline exceeded' "$$log" && ! grep -q 'Failing input' "$$log"; }; \
	done <<< "$$found"

bench: ## run the benchmarks, each beside its floor; BENCHTIME=1s
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) $(PKG)

check: lint build test ## lint, build and test

clean: ## remove what make has built
	rm -rf bin out
