"""A trail of many rows is chained, signed, verified and exported; then it is tampered with, and verified again."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from audit.chain.models import ChainLink
from audit.exports.formats import WRITERS
from audit.exports.reading import pages_of
from audit.models import AuthEvent
from audit.services.chaining import chain_waiting
from audit.services.checkpoints import sign_all
from audit.services.forgetting import forget_person
from audit.services.verification import verify
from audit.tests.chain.tampering import tamper
from audit.tests.factories import AuthEventFactory
from audit.trail_filter import TrailFilter
from audit.types import AuditType

GENERATE = """
    INSERT INTO audit_authevent (event_id, occurred_at, event_type, outcome, actor_type, actor_id, subject_user_id,
        session_id, client_id, ip, country, asn, device_fingerprint, user_agent, risk_score, risk_signals, request_id,
        metadata)
    SELECT gen_random_uuid(), %s - random() * interval '1 day', 'auth.login.succeeded', 'success', 'user',
        'usr_' || n %% 10000, 'usr_' || n %% 10000, 'ses_' || n, 'web',
        ('10.' || n %% 256 || '.' || n / 256 %% 256 || '.1')::inet, 'NO', 64496, md5(n::text),
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', n %% 101, '["new_device"]', 'req-' || n,
        jsonb_build_object('method', 'password', 'n', n)
      FROM generate_series(%s, %s) AS n
"""
GENERATED_AT_ONCE = 50_000
SAMPLE = 1_000  # single inserts, with and without the queue


def prove(*, rows: int) -> bool:
    """Whether nothing was found before the tampering, and all of it and nothing else after it."""
    generate(rows)
    _say(f"an insert with its place in the queue costs {_cost_of_the_queue():.2f} times a bare one")
    with _timed("chained"):
        chain_waiting()
    with _timed("signed"):
        checkpoints = sign_all()
    _say(f"{len(checkpoints)} checkpoints")
    with _timed("verified"):
        before = verify()
    _say(f"{before.rows} rows, {before.findings.total} findings")
    _export()
    expected = _tamper()
    with _timed("verified again"):
        after = verify()
    found = {(finding.kind.value, finding.event_id) for finding in after.findings.named}
    for kind, event_id in sorted(found, key=str):
        _say(f"found: {kind} {event_id}")
    return before.findings.total == 0 and found == expected


def generate(rows: int) -> None:
    """Write so many rows of the last day."""
    for first in range(1, rows + 1, GENERATED_AT_ONCE):
        last = min(rows, first + GENERATED_AT_ONCE - 1)
        with connection.cursor() as cursor:
            cursor.execute(GENERATE, [timezone.now(), first, last])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_authevent")


def _cost_of_the_queue() -> float:
    """In turns, so that whatever else the machine does falls on both; each insert is a transaction of its own."""
    rows = [AuthEventFactory.build() for _ in range(2 * SAMPLE)]
    spent = {"origin": 0.0, "replica": 0.0}
    for number, row in enumerate(rows):
        role = ("origin", "replica")[number % 2]
        with connection.cursor() as cursor:
            cursor.execute(f"SET session_replication_role = {role}")
        began = time.perf_counter()
        row.save(force_insert=True)
        spent[role] += time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "DELETE FROM audit_authevent e WHERE event_id = ANY(%s)",
            [[row.event_id for row in rows[1::2]]],  # those that no trigger saw
        )
        cursor.execute("SET session_replication_role = origin")
    return spent["origin"] / spent["replica"]


def _tamper() -> set[tuple[str, UUID | None]]:
    """Do everything that can be done to a trail; what should be found of it. An erasure is none of it."""
    day = ChainLink.objects.filter(shard=1, position__gte=1_000)[:1].get().day
    altered, removed, first, second, erased = (
        ChainLink.objects.get(day=day, shard=1, position=place) for place in (10, 20, 30, 40, 50)
    )
    person = AuthEvent.objects.get(event_id=erased.event_id).subject_user_id
    with transaction.atomic():
        AuthEventFactory.create(event_type=AuditType.ACCOUNT_ERASED, subject_user_id=person)
        forget_person(user_id=person)
    chain_waiting()
    tamper("UPDATE audit_authevent SET outcome = 'failure' WHERE event_id = %s", altered.event_id)
    tamper("DELETE FROM audit_authevent WHERE event_id = %s", removed.event_id)
    moves = ((first, 10**9), (second, first.position), (first, second.position))
    for link, place in moves:
        tamper("UPDATE audit_chainlink SET position = %s WHERE event_id = %s", place, link.event_id)
    stranger = AuthEventFactory.build(occurred_at=timezone.now() - timedelta(hours=1))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        stranger.save(force_insert=True)
    return {
        ("altered", altered.event_id),
        ("removed", removed.event_id),
        ("reordered", first.event_id),
        ("reordered", second.event_id),
        ("inserted", stranger.event_id),
        ("rewritten", None),  # the span in which two changed places is not what was signed, either
    }


def _export() -> None:
    writer, size, rows = WRITERS["jsonl"], 0, 0
    pages = pages_of(writer, TrailFilter(), timezone.now())
    first = next(pages)
    size, rows = len(writer.go_on(first.text, first=True)), first.rows
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with _timed("exported"):
        for page in pages:
            size, rows = size + len(writer.go_on(page.text, first=False)), rows + page.rows
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    _say(f"{rows} rows, {size / 1e6:.0f} MB; memory grew by {grown / 1024:.0f} MiB")


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    _say(f"{what} in {time.perf_counter() - began:.1f} s")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
