# The two commands that most people need: `make demo` and `make test`.
GO    ?= go
TOOL   = $(GO) tool -modfile=.tools.mod
FUZZ  ?= 6s
export CGO_ENABLED ?= 0
# The capture to look at where the demo cannot run; recorded in our own lab.
CAPTURE = openwrt/lab/testdata/home.pcap

.PHONY: demo test check gotest fuzz browser bench soak build deps browser-deps page packages packages-all keys

demo: build
	@if [ "$$(id -u)" = 0 ]; then .ci/deps demo && exec ./spinneret demo; else \
	  echo "The demo makes network namespaces and needs root: try sudo make demo"; \
	  echo "Without root, look at a recorded home: ./spinneret replay -listen 127.0.0.1:8484 -speed 1 $(CAPTURE)"; exit 1; fi

build:
	@$(GO) build -trimpath -o spinneret ./agent/cmd/spinneret

test: deps check gotest fuzz browser
	@echo "everything passed"

deps:
	@.ci/deps test

check: deps
	@unformatted=$$($(TOOL) gofumpt -l agent anomaly capture dots mud openwrt ui); \
	  [ -z "$$unformatted" ] || { echo "run: $(TOOL) gofumpt -w $$unformatted"; exit 1; }
	@$(GO) vet ./...
	@$(TOOL) staticcheck ./...
	@.ci/page-check

gotest: deps
	@.ci/gotest

fuzz: deps
	@.ci/fuzz $(FUZZ)

browser: deps build
	@.ci/browser

page:
	@cd ui/page && npm ci --ignore-scripts --silent && npm run --silent build

# The long forms of tests that make test runs briefly: 60,000 changes of the firewall, 15 minutes of flood, all captures.
soak: deps
	@SOAK=60000 $(GO) test -count=1 -timeout 3h -v -run "ManyChanges|TestSoak|TsharkNames" ./openwrt/firewall ./agent/e2e ./agent/cmd/spinneret

bench: deps
	@.ci/deps bench || echo "go on without: the table says where somebody is missing"
	@$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 45m ./agent/bench

# For OpenWrt: packages and feeds in bin/packages, for the four commonest architectures or for all. KEY=FOLDER signs
# the feeds; make keys KEY=FOLDER makes its keys, which stay with whoever runs the feed.
packages:
	@$(GO) run ./openwrt/package -out bin/packages $(if $(ARCH),-arch $(ARCH)) $(if $(KEY),-key $(KEY))

packages-all:
	@$(GO) run ./openwrt/package -out bin/packages -arch all $(if $(KEY),-key $(KEY))

keys:
	@$(if $(KEY),$(GO) run ./openwrt/package -new-keys $(KEY),echo "say where: make keys KEY=FOLDER"; exit 2)
