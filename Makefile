# What people call. Everything else is SwiftPM: swift build, swift test.

SWIFT ?= swift
RELEASE = .build-release
# The Swift library is linked in, so that the command starts fast and needs no toolchain beside it;
# its symbols are not exported again, so that what is not used goes.
RELEASE_FLAGS = -c release --scratch-path $(RELEASE) --static-swift-stdlib -Xlinker -s \
	-Xlinker --no-export-dynamic -Xlinker --disable-new-dtags -Xlinker -rpath -Xlinker '$$ORIGIN/lib'

# Tests that serve HTTP within their own process, and tests that load the machine: each need it for
# themselves.
SERVING = LedgerServiceTests
LOADING = TortureKill|TortureLeaver|TortureMisuse|TortureMixed|TortureFullDisk
# Tests that run the tools themselves, and those that need a server of PostgreSQL.
TOOLS = RealTool|RunToolTests|Postgres|Psql

.PHONY: help setup setup-tests build release dist test test-tools lint demo bench torture man completions clean

help:
	@echo 'make demo         the main job on real input, in a temporary folder'
	@echo 'make test         all tests'
	@echo 'make test-tools   with the migration tools themselves, from Debian and PyPI'
	@echo 'make release      $(RELEASE)/release/ledger'
	@echo 'make dist         an archive for machines with nothing installed, into $(RELEASE)/dist'
	@echo 'make lint         swift format lint --strict'
	@echo 'make bench        figures, each beside its yardstick'
	@echo 'make torture      the whole of the fault tests'
	@echo 'make man          manual pages, into $(RELEASE)/man'
	@echo 'make completions  for bash, zsh and fish, into $(RELEASE)/completions'

setup:
	@Tests/setup.sh

setup-tests:
	@Tests/setup.sh python3 python3-venv curl dash busybox
	@Tests/Contract/setup.sh

build: setup-tests
	$(SWIFT) build --build-tests

release: setup
	$(SWIFT) build $(RELEASE_FLAGS) --product ledger

dist: release
	@Tests/Distribution/make-archive.sh $(RELEASE)/release/ledger $(RELEASE)/dist

test: build
	$(SWIFT) test --skip-build --skip '$(SERVING)|$(LOADING)'
	$(SWIFT) test --skip-build --filter '$(SERVING)'
	$(SWIFT) test --skip-build --filter '$(LOADING)'

# The migration tools and linters themselves, from Debian and PyPI.
test-tools: build
	@Tests/setup.sh python3-venv sqitch libdbd-sqlite3-perl libdbd-pg-perl postgresql \
		$$(command -v java >/dev/null || echo default-jre-headless)
	@test ! -d /usr/lib/postgresql/15 || Tests/setup.sh postgresql-15-pgaudit
	@Tests/Tools/setup.sh
	LEDGER_TEST_TOOLS='$(CURDIR)/.build/tools' $(SWIFT) test --skip-build --filter '$(TOOLS)'

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests schema

demo: release
	@LEDGER_COMMAND="$(CURDIR)/$(RELEASE)/release/ledger" Tests/Demo/demo.sh

torture: build
	LEDGER_TORTURE=1 $(SWIFT) test --skip-build --filter Torture

bench: release
	@Tests/setup.sh python3 wrk postgresql
	$(SWIFT) build $(RELEASE_FLAGS) --product ledger-bench
	@python3 Tests/Benchmarks/bench.py $(RELEASE)/release
	@python3 Tests/Benchmarks/serve.py $(RELEASE)/release

man: release
	$(SWIFT) build --product generate-manual
	@mkdir -p $(RELEASE)/man
	.build/debug/generate-manual $(RELEASE)/release/ledger --multi-page \
		--output-directory $(RELEASE)/man

completions: release
	@mkdir -p $(RELEASE)/completions
	@for shell in bash zsh fish; do \
		$(RELEASE)/release/ledger --generate-completion-script $$shell \
			> $(RELEASE)/completions/ledger.$$shell; done

clean:
	rm -rf .build $(RELEASE)
