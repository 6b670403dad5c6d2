# Everything one does with Gatehouse. It needs make, a POSIX shell, and Python 3.11 or newer (PYTHON=… chooses one).
# PORT=… and STATE_DIR=… choose where `make serve` listens and keeps its things.

.DEFAULT_GOAL := help
.PHONY: loadtest image scan-image prove-image prove-compose prove-memory audit licences sbom release screenshots prove-console prove-chaos prove-failover prove-alerts prove-trail prove-chain prove-links prove-sync prove-authzen prove-search prove-decisions prove-freshness help serve test coverage lint format bench prove-relay prove-guards prove-enumeration prove-sign-in-storm requirements clean environment

python := .venv/bin/python
export PYTHON

help:  ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment:
	@sh requirements/install.sh

serve: environment  ## run everything on this machine until Ctrl-C
	@$(python) manage.py serve

test: environment  ## run the tests; PYTEST_ARGS="-k refresh" chooses some
	@$(python) -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

coverage: environment  ## run the tests and measure which lines and branches they reach: 90 % or more
	@$(python) -m pytest -n auto --dist worksteal --cov --cov-report=term

lint: environment  ## check style, types, floors, migrations, dependencies and spelling
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy .
	@.venv/bin/lint-imports
	@DJANGO_SETTINGS_MODULE=config.settings.test $(python) manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=config.settings.test $(python) manage.py settings_reference --check
	@DJANGO_SETTINGS_MODULE=config.settings.test $(python) manage.py grafana_dashboards --check
	@$(python) -m deptry . --config requirements/deptry.toml
	@$(python) -m codespell_lib
	@$(python) -m djlint . --check --lint
	@$(python) .ci/long_files.py

format: environment  ## put everything into the one style
	@$(python) -m ruff check --fix --select I .
	@$(python) -m ruff format .
	@$(python) -m djlint . --reformat --quiet

bench: environment  ## measure what the README claims
	@$(python) -m benchmarks

loadtest: environment  ## put load on a stack like that of storms and days, and print the table
	@$(python) -m tests.load

prove-relay: environment  ## kill relays and stop Valkey for 30 s; count what arrived
	@$(python) -m tests.proofs.prove_relay --outage 30

prove-chaos: environment  ## kill web, relay, worker, PostgreSQL and Valkey two hundred times under load; nothing may be lost
	@$(python) -m tests.proofs.prove_chaos

prove-failover: environment  ## take pieces away under load, a drill each; print what clients saw, and that nothing was lost or let through
	@$(python) -m tests.proofs.prove_failover

prove-alerts: environment  ## make the fault of every alert for real, and wait until a real Prometheus says that it fires
	@$(python) -m tests.proofs.prove_alerts

prove-decisions: environment  ## compare decisions with an interpreter, with explain and with Cedar, 10,000 examples each
	@$(python) -m tests.proofs.prove_decisions

prove-freshness: environment  ## revoke ten thousand times while eight processes ask; no answer may be out of date
	@$(python) -m tests.proofs.prove_freshness

prove-authzen: environment  ## every case of AuthZEN's certification scenario, against a stack of its own
	@$(python) -m tests.proofs.prove_authzen

prove-search: environment  ## compare searches with check, 10,000 examples
	@$(python) -m tests.proofs.prove_search

prove-chain: environment  ## chain, sign, verify and export a million rows of the trail, and tamper with them
	@$(python) -m tests.proofs.prove_chain

prove-trail: environment  ## ask ten million rows of the trail by every filter, read the plans, and export a million of them
	@$(python) -m tests.proofs.prove_trail

prove-console: environment  ## open every list, filter, search and page of the console at 100,000 people; read the plans of slow ones
	@$(python) -m tests.proofs.prove_console

prove-guards: environment  ## take out each security guard; count those that a test misses
	@$(python) -m tests.proofs.prove_guards

prove-enumeration: environment  ## compare the answers about known and unknown addresses, and their times
	@$(python) -m tests.proofs.prove_enumeration

prove-sign-in-storm: environment  ## sign a thousand people in, two hundred at once, while decisions are asked for
	@$(python) -m tests.proofs.prove_sign_in_storm

prove-links: environment  ## link a hundred accounts a minute through the API and the simulator, five minutes
	@$(python) -m tests.proofs.prove_links

prove-sync: environment  ## sync a thousand accounts at a slow broker with workers that die; compare with its limit
	@$(python) -m tests.proofs.prove_sync

image:  ## build the image with buildah or docker; IMAGE=…, BASE_IMAGE=…@sha256:… and VERSION=… name things
	@sh deploy/image/build

scan-image:  ## look through the built image: Debian's packages against what is newest, Python's against known vulnerabilities; as root
	@sh deploy/image/scan $(IMAGE)

prove-compose: environment  ## start what compose.yaml describes, in containers; restart it, kill a part, take it down; as root
	@$(python) -m tests.proofs.prove_compose

prove-memory: environment  ## an hour's worth of requests as fast as they are answered; memory must stay flat
	@$(python) -m tests.proofs.prove_memory

prove-image: environment  ## build the image, run every role of it, restart the webs under load; as root
	@$(python) -m tests.proofs.prove_image

audit:  ## look for known vulnerabilities in what is locked, at the registry
	@sh requirements/install.sh .release requirements/release.txt
	@.release/bin/pip-audit --disable-pip --require-hashes --strict --progress-spinner off -r requirements/base.txt

licences: environment  ## write down the licences of what the service stands on; one that is not known fails
	@sh requirements/install.sh .release requirements/release.txt
	@$(python) -m deploy.licences

sbom:  ## write dist/gatehouse.cdx.json, the list of what the service is made of (CycloneDX)
	@sh requirements/install.sh .release requirements/release.txt
	@mkdir -p dist
	@.release/bin/cyclonedx-py requirements requirements/base.txt --output-reproducible \
		--output-format JSON --output-file dist/gatehouse.cdx.json

release: environment  ## make release VERSION=1.2.0: the changelog, the tag, the image, and the list of what is in it
	@$(python) -m deploy.release $(VERSION)

screenshots: environment  ## take the documentation's pictures again, of the made-up people
	@$(python) -m tests.screenshots.take

requirements: environment  ## compile the locks again; ARGS=--upgrade moves the versions
	@for name in base dev release; do \
		$(python) -m uv pip compile requirements/$$name.in --output-file requirements/$$name.txt \
			--universal --python-version 3.11 --generate-hashes --no-header --quiet $(ARGS) || exit 1; \
	done

clean:  ## remove the virtual environment, caches, and the state of a stopped stack
	@python=.venv/bin/python; [ -x $$python ] || python=$${PYTHON:-python3}; $$python -m config.devstack.clean
