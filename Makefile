# One build profile serves run, test and bench, so that a newcomer compiles once.

CONFIG ?= runtime-config
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
# The operator of `make run`: runtime-config/host.toml knows the hash of this token.
OPERATOR_TOKEN := $(TARGET_DIR)/operator-token

.DEFAULT_GOAL := help
.PHONY: help run test soak bench image-test check lint plugins toolchain

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build everything and serve runtime-config (another folder: make run CONFIG=...)
	@echo "== 1/3 plugins: as WebAssembly components"
	@plugins/build.sh plugins
	@echo "== 2/3 host: the first build takes about ten minutes on two cores"
	@$(MAKE) --no-print-directory host
	@$(MAKE) --no-print-directory $(OPERATOR_TOKEN)
	@echo "== 3/3 serving $(CONFIG); Ctrl-C drains and stops"
	@export TENON_OPERATOR_TOKEN_SHA256=$$(sha256sum < $(OPERATOR_TOKEN) | cut -d ' ' -f 1); \
		exec $(TARGET_DIR)/debug/tenon serve --config $(CONFIG)

test: ## Run every test
	@echo "== 1/3 test setup: the servers and clients the tests use"
	@tests/setup.sh
	@echo "== 2/3 plugins and guests: as WebAssembly components"
	@plugins/build.sh
	@echo "== 3/3 tests: the first build takes about ten minutes on two cores"
	cargo test --workspace --no-fail-fast

soak: ## Run the long runs: recycled sandboxes, a million files, swaps under load, messages (by hand)
	@tests/setup.sh load
	@plugins/build.sh
	TENON_TEST_RECYCLES=2000000 cargo test --workspace --test e2e -- --nocapture recycled_slot
	cargo bench --workspace --bench soak --profile dev

bench: ## Measure calls through a component against the same plugin natively
	@tests/setup.sh load
	@plugins/build.sh
	cargo bench --workspace --bench bench --profile dev

image-test: ## Build the container image without an engine and see it answer (Debian, root)
	@plugins/build.sh plugins
	@$(MAKE) --no-print-directory host
	@tests/image.sh

check: ## Type-check all native code, the quickest feedback
	cargo check --workspace --all-targets

lint: ## Check format, lints and documentation, as CI does
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	plugins/lint.sh
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

plugins: ## Build the plugins and test guests
	@plugins/build.sh

toolchain: ## Find or make the wasm32-wasip2 compiler and print its path
	@sdk/toolchain.sh

# Made once; the file has no line break, so that its hash is the token's.
$(OPERATOR_TOKEN):
	@umask 077 && od -An -vtx1 -N32 /dev/urandom | tr -d ' \n' > $@

# The whole workspace is selected so that dependencies get the features the tests need as well:
# otherwise run and test would each compile their own.
.PHONY: host
host:
	cargo build --workspace --bin tenon
