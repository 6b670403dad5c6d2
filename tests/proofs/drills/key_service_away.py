"""The key service is away: what needs a secret that nobody has opened fails closed, and everything else goes on.

Sign-ins and refreshes need one, the key of keyed hashes; decisions, and changes with a token that one has, need none.

What a process has opened serves on for DATA_KEY_CACHE_LIFETIME, which is short here: a short outage is telling too.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from config.vault.tests.transit_server import TransitServer
from tests.proofs.chaos_victims import has
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, Ground, under_load
from tests.proofs.prove_links import Person
from tests.proofs.served import served
from tests.proofs.sight import CHANGE, DECISION
from tests.waiting import wait_until

MINUTES = float(os.environ.get("KEY_SERVICE_AWAY_MINUTES", "10"))
BACK = 30.0  # seconds until all is well again
OPENED_FOR = "10"  # seconds that a data key stays open
LONGEST_GAP = 10.0  # seconds without a good decision or change
FAULT = ": 500"  # who is told to come again was refused; 429 is the drill's own haste over a long outage
TRIES = 20  # to store a broker's credentials meanwhile: somebody's limit is thirty an hour
RETRY_AFTER = 2.0  # seconds, once it is back
BODY = {
    "broker": "kite",
    "nickname": "Drill",
    "credentials": {"api_key": "drill", "api_secret": "drill"},
}
UNAVAILABLE = "/errors/vault-unavailable"


@dataclass
class Answers:
    """To somebody who stores credentials of a broker: how many said when to come again, and what else was said."""

    closed: int = 0
    open: list[str] = field(default_factory=list)


def run() -> Row:
    with TransitServer() as keys:
        settings = {
            "VAULT_PROVIDER": "vault",
            "VAULT_ADDR": keys.url,
            "VAULT_TOKEN": keys.token,
            "DATA_KEY_CACHE_LIFETIME": OPENED_FOR,
            "STEP_UP_MAX_AGE": "3600",  # whoever stores credentials proved a second factor before the outage
        }
        with served(**settings, **VARIABLES) as stack:
            with under_load(stack) as ground:
                answers = _take_away(keys, ground)
            row = ground.row()
    for kind in (DECISION, CHANGE):
        if row.gaps[kind] > LONGEST_GAP:
            row.failed.append(f"no good {kind} for {row.gaps[kind]:.1f} s")
    row.failed += [f"{what}, which is no refusal" for what in row.wrong if what.endswith(FAULT)]
    if not answers.closed:
        row.failed.append("nobody was told that the key service is away")
    row.failed += [f"credentials of a broker: {said}" for said in answers.open]
    return row


def _take_away(keys: TransitServer, ground: Ground) -> Answers:
    begun = time.monotonic()
    (owner,) = ground.load.owners.values()
    keys.leave()
    with _storing(owner) as answers:
        ground.calm(MINUTES * 60)
    ground.told.append(f"{answers.closed} tries to store a broker's credentials: 503, come again")
    keys.come_back()
    back = time.monotonic()
    wait_until(lambda: has(ground.stack, "vault"), "a vault that is well", limit=BACK)
    wait_until(lambda: _stored(owner), "credentials of a broker that are stored", limit=BACK)
    ground.told.append(
        f"away for {back - begun:.0f} s; stored again {time.monotonic() - back:.1f} s after it was back"
    )
    return answers


@contextmanager
def _storing(owner: Person) -> Iterator[Answers]:
    """Try all the time, in a thread."""
    answers, over = Answers(), Event()

    def tries() -> None:
        while not over.is_set():
            answer = owner.client.post("/v1/trading-accounts/link", json=BODY)
            problem = answer.json().get("type", "")
            if answer.status_code == 503 and problem.endswith(UNAVAILABLE):
                answers.closed += "Retry-After" in answer.headers
            elif answer.status_code != 429:
                answers.open.append(f"{answer.status_code} {problem}")
            over.wait(MINUTES * 60 / TRIES)

    thread = Thread(target=tries, daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


def _stored(owner: Person) -> bool:
    time.sleep(RETRY_AFTER)
    return owner.client.post("/v1/trading-accounts/link", json=BODY).status_code == 201


DRILL = Drill(
    name="key-service-away",
    happens=f"the key service is away for {MINUTES:g} minutes",
    run=run,
)
