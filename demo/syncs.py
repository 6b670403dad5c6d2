"""What the syncs of two weeks came to: most went well, one evening the broker did not answer."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from demo.brokers import Linked
from demo.chance import Chance
from demo.rows import made_at
from trading.models import SyncOutcome, SyncRun, SyncTrigger
from trading.models.account import CLOSED

DAYS, A_DAY = 14, 4
OUTAGE_DAYS_AGO, OUTAGE_SHARE = 3, 0.8
USUAL = {
    SyncOutcome.SUCCEEDED: 0.93,
    SyncOutcome.THROTTLED: 0.02,
    SyncOutcome.UNAVAILABLE: 0.02,
    SyncOutcome.SESSION_ENDED: 0.02,
    SyncOutcome.REFUSED: 0.01,
}


def rows_of(accounts: Sequence[Linked], chance: Chance) -> Iterator[SyncRun]:
    for linked in accounts:
        account = linked.account
        if account.linked_at is None or account.status in CLOSED:
            continue
        end = chance.until if linked.is_live else account.status_changed_at
        for step in range(DAYS * A_DAY):
            at = chance.ago(hours=24 / A_DAY * step + chance.share(0.2, 2))
            if account.linked_at < at < end:
                yield _run(linked, at, chance)


def _run(linked: Linked, at: datetime, chance: Chance) -> SyncRun:
    outcome = chance.weighted(list(USUAL), list(USUAL.values()))
    in_outage = chance.ago(days=OUTAGE_DAYS_AGO) < at < chance.ago(days=OUTAGE_DAYS_AGO - 0.25)
    if in_outage and chance.happens(OUTAGE_SHARE):
        outcome = SyncOutcome.UNAVAILABLE
    took = 20.0 if outcome == SyncOutcome.UNAVAILABLE else chance.share(0.2, 1.6)
    changed = ["margins"] if outcome == SyncOutcome.SUCCEEDED and chance.happens(0.4) else []
    return made_at(
        SyncRun,
        at,
        chance,
        account=linked.account,
        trigger=chance.weighted(
            [SyncTrigger.SCHEDULE, SyncTrigger.REQUEST, SyncTrigger.STAFF], [90, 9, 1]
        ),
        due_at=at,
        started_at=at + timedelta(seconds=1),
        ended_at=at + timedelta(seconds=1 + took),
        outcome=outcome,
        changed=changed,
    )
