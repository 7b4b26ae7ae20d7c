# GNU make 4. Every target works in a fresh clone; `make` alone lists them.
# Tools are pinned here, and live outside the tree and outside go.mod, so that they do not move its dependencies.
GOLANGCI_VERSION := v2.15.0
TOOLS ?= $(HOME)/.cache/secretary/tools/$(GOLANGCI_VERSION)
GOLANGCI := $(TOOLS)/golangci-lint

FUZZTIME ?= 10s
BENCH ?= .
# A file of labelled messages; core/reception/portuguese/internal/measure has the format.
UTTERANCES ?= ../shared/fixtures/utterances/dev.jsonl

.DELETE_ON_ERROR:
.PHONY: help run livekit build test race test-all test-peers torture lint fmt generate generate-check migrate-diff migrate-check bench bench-understanding fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## start the service in memory, with the demo clinic, on 127.0.0.1
	SECRETARY_DEMO=true go run ./cmd/secretary serve

livekit: ## start a LiveKit server to try rooms on, on 127.0.0.1:7880
	@.ci/livekit serve

build: ## build bin/secretary
	go build -trimpath -o bin/secretary ./cmd/secretary

test: ## run the whole suite, on a private PostgreSQL; skipped tests are named, and fail it when CI=true
	@.ci/test

race: ## run the suite under the race detector (needs gcc)
	@CGO_ENABLED=1 .ci/test -race

test-all: test race ## test, then race

test-peers: ## run programs of others against the service: agents, clients of MCP, an emulator of calendars (needs Node)
	@.ci/peers

torture: ## kill the service and take its database away under load, for ten minutes (ROUNDS=200 for longer)
	@.ci/torture $(ROUNDS)

lint: $(GOLANGCI) ## check formatting, lint, and check the import rules
	$(GOLANGCI) fmt --diff
	$(GOLANGCI) run ./... ./.ci/testreport
	go test -count=1 .

fmt: $(GOLANGCI) ## format every Go file
	$(GOLANGCI) fmt

generate: ## run go generate
	go generate ./...

generate-check: ## run go generate and fail if it changes anything
	@.ci/generate-check

migrate-diff: ## write the migration that leads to schema.hcl (make migrate-diff name=add_rooms)
	@test -n "$(name)" || { echo "give it a name: make migrate-diff name=add_rooms" >&2; exit 1; }
	@.ci/postgres run sh -c 'ATLAS_DEV_URL="$$SECRETARY_TEST_DATABASE_URL" go run ./cmd/schema-diff "$$0"' "$(name)"

migrate-check: ## fail if the migrations do not lead to schema.hcl
	@.ci/postgres run sh -c 'ATLAS_DEV_URL="$$SECRETARY_TEST_DATABASE_URL" go run ./cmd/schema-diff -check'

bench: ## run the benchmarks (BENCH=Slots for those that match)
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

bench-understanding: ## tell how well labelled messages are understood (UTTERANCES=file)
	@go run ./core/reception/portuguese/internal/measure $(wildcard $(UTTERANCES))

fuzz: ## run each fuzz target for FUZZTIME (10s)
	@FUZZTIME=$(FUZZTIME) .ci/fuzz

clean: ## remove what the targets above left in the tree
	rm -rf bin coverage.out

$(GOLANGCI):
	@echo "installing golangci-lint $(GOLANGCI_VERSION) into $(TOOLS): once, a minute or two"
	@GOBIN="$(TOOLS)" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION) || \
		{ echo "golangci-lint $(GOLANGCI_VERSION) could not be installed, so nothing was linted" >&2; exit 1; }
