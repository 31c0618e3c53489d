# Yinxin 印信. `make` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GO        ?= go
DEMO_DIR  ?= ./out/demo
PKG       ?= ./...
FUZZ      ?= Fuzz
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
LINTER    ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# make module names the new path in PATH, which hides the search path from every recipe. The shell function still sees the one make was started with:
# make before 4.4 hands it its own environment, and later ones do so for a variable that is just being expanded.
ifeq ($(origin PATH),command line)
MODULE := $(PATH)
override PATH = $(shell printf %s "$$PATH")
endif

.PHONY: help build token demo test race lint fuzz bench interop consumer module modulecheck check clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

# Without cgo the program is one file that runs anywhere; PKCS#11 loads a vendor's library, which takes cgo and a C compiler.
build: ## build bin/yinxin; HSM=1 with PKCS#11
	CGO_ENABLED=$(if $(HSM),1,0) $(GO) build -trimpath -o bin/yinxin ./cmd/yinxin

# The PKCS#11 module of the software token: no library but libc, and no symbol but C_GetFunctionList. A process has a file loaded once, with one login:
# who wants a second module of the same token loads the copy.
token: ## build bin/libyinxin-p11.so, the PKCS#11 module of the software token (needs gcc)
	@mkdir -p bin
	$(CC) -std=c11 -O2 -Wall -Wextra -Wshadow -Wconversion -Werror -fPIC -fvisibility=hidden -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
		-shared -pthread -Wl,-z,defs,-z,now,-z,relro,-z,noexecstack -o bin/libyinxin-p11.so hsm/token/client/*.c
	@cp bin/libyinxin-p11.so bin/libyinxin-p11-second.so

demo: build $(if $(HSM),token) ## issue a licence with its seals, seal documents, verify them; DEMO_DIR=./out/demo, HSM=1 with every key in the software token
	bin/yinxin demo --dir $(DEMO_DIR) $(if $(HSM),--token)

LISTEN    ?= 127.0.0.1:8080

serve: build ## run the verification service with the demo's trust, after make demo; LISTEN=127.0.0.1:8080
	@test -d $(DEMO_DIR)/trust || { echo "there is no demonstration in $(DEMO_DIR): run make demo first" >&2; exit 1; }
	bin/yinxin serve --trust $(DEMO_DIR)/trust --listen $(LISTEN)

browser: demo ## try the service's pages in Chromium, with axe-core (needs chromium, Node and npm); screenshots in out/browser
	cd web && npm ci --no-audit --no-fund && npm test

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
fuzz: ## run every fuzz target for FUZZTIME=10s; FUZZ=FuzzName narrows this to those whose name begins so
	@set -euo pipefail; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	found=$$(grep -rEo --include='*_test.go' '^func $(FUZZ)[A-Za-z0-9_]*' . | sed -E 's/^(.*)\/[^/]+:func (.*)/\1 \2/' | sort -u); \
	if [ -z "$$found" ]; then echo "no fuzz target found" >&2; exit 1; fi; \
	while read -r dir target; do \
		echo "== $$dir $$target"; \
		$(GO) test "$$dir" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x < /dev/null 2>&1 | tee "$$log" || \
			{ grep -qx ' *context deadline exceeded' "$$log" && ! grep -q 'Failing input' "$$log"; }; \
	done <<< "$$found"

bench: ## run the benchmarks, each beside its floor; BENCHTIME=1s
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) $(PKG)

interop: ## have everything that can be written judged by BouncyCastle and PDFBox (needs java, javac and Debian's jars)
	YINXIN_REQUIRE=all,-samples $(GO) test -count=1 -v ./internal/interop

# Without a network: what the module needs is in the cache once this one was built.
consumer: ## build and run testdata/consumer, a module of its own that uses this one
	@cd testdata/consumer && export GOPROXY=off GOFLAGS=-mod=readonly && \
	{ $(GO) build -o /dev/null ./... || { echo "testdata/consumer: if go.mod or go.sum fell behind, run go mod tidy there" >&2; exit 1; }; } && \
	$(GO) vet ./... && $(GO) test -count=1 ./...

module: ## rename the module for whoever hosts it: PATH=example.org/you/yinxin; FORCE=1 in a work tree with changes
	@if [ -z "$(MODULE)" ]; then echo "usage: make module PATH=example.org/you/yinxin" >&2; exit 2; fi
	@$(GO) run ./internal/rename $(if $(FORCE),-force) '$(MODULE)'

modulecheck: ## rename a copy of the module, in out/module, and build it with its consumer
	@rm -rf out/module && mkdir -p out/module
	@git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C out/module
	@$(MAKE) --no-print-directory -C out/module module PATH=example.org/you/yinxin FORCE=1
	@cd out/module && $(GO) build ./... && cd testdata/consumer && $(GO) build -o /dev/null ./...

check: lint build test consumer ## lint, build and test, also for those who use the module

clean: ## remove what make has built
	rm -rf bin out
