# The two commands of a new user are `make run` and `make test`.
.PHONY: run build test bench bench-statistics office-check faults audit attacks fuzz release sbom

# Installs what is missing, builds, and serves the demo province at http://127.0.0.1:8080.
run: build
	./target/release/motcua serve --demo

build:
	./scripts/need-postgresql
	cargo build --release --locked

# Everything that .ci/run runs.
test:
	./scripts/test

# Measures the rows of docs/performance.md that one machine can measure, both sides in one run.
bench: build
	cargo bench --locked --bench service
	cargo bench --locked --bench recompute

# A month's figures over 100,000 dossiers of ten years and over a million, or as many as `ARGS="--large 10000000"` says: that
# takes some half an hour and 30 GB.
bench-statistics: build
	cargo bench --locked --bench statistics -- $(ARGS)

# Every layout of a replayed year as LibreOffice and Poppler read it, against what the API says; installs both where they are
# missing.
office-check: build
	./scripts/office-check

# Breaks on purpose what may break beside 90,000 messages, and joins a gateway's journal with the database: some twenty
# minutes, docs/reliability.md. `make faults ARGS="--only gateway --notices 2400 --seed 7"` makes one run, smaller.
faults: build
	cargo bench --locked --bench faults -- $(ARGS)

# Advisories, where the network allows.
audit:
	./scripts/audit

# Attacks a service of its own on loopback, then feeds every reader of foreign input for 5 minutes each: an hour and a half.
attacks: build
	./scripts/attacks
	./scripts/fuzz

# The second half alone; `./scripts/fuzz 60 person` runs one reader for a minute.
fuzz:
	./scripts/fuzz

# What is shipped, in target/dist: the program, what it is made of (CycloneDX), hashes. `scripts/release --twice` builds
# it twice and compares.
release:
	./scripts/release

# What the program is made of, as CycloneDX.
sbom:
	./scripts/sbom
