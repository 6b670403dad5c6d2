"""A year of a busy platform's trail, made by PostgreSQL itself.

People, sessions, addresses and types are as uneven as in life: a few people do most, most of it is tokens that are
refreshed, and what is risky is rare. Rows are as wide as real ones.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from audit.models import AuthEvent
from audit.months import Month
from audit.services import partitions

DAYS = 365
NOW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
BEGIN = NOW - timedelta(days=DAYS)
PEOPLE = 100_000
AT_ONCE = 250_000
TYPES = (  # of a thousand rows
    ("auth.token.refreshed", 430),
    ("auth.login.succeeded", 220),
    ("auth.logout", 120),
    ("trading.credentials.read", 90),
    ("auth.login.failed", 80),
    ("account.updated", 30),
    ("auth.step_up", 20),
    ("authz.role.granted", 5),
    ("session.anomaly", 4),
    ("account.erased", 1),
)

# The key is a UUIDv7 of the row's time. `who` is 0 for the busiest person.
FILL = """
INSERT INTO audit_authevent (event_id, occurred_at, event_type, outcome, actor_type, actor_id, subject_user_id,
    session_id, client_id, ip, country, asn, device_fingerprint, user_agent, risk_score, risk_signals, request_id,
    metadata)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
           || substr(md5(n::text), 5, 15))::uuid,
       at, kind, CASE WHEN kind = 'auth.login.failed' OR dice < 0.01 THEN 'failure' ELSE 'success' END,
       'user', 'usr_' || lpad(who::text, 26, '0'), 'usr_' || lpad(who::text, 26, '0'),
       'ses_' || lpad((who * 1000 + n %% 300)::text, 26, '0'), 'web',
       ('10.' || who / 1000 %% 256 || '.' || who / 4 %% 256 || '.' || n %% 3)::inet, 'IN', 55836,
       md5(who::text), 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0',
       CASE WHEN kind LIKE 'auth.login%%' THEN (100 * dice ^ 4)::int END, '[]', 'req_' || n,
       jsonb_build_object('method', 'password', 'n', n)
  FROM (SELECT n, at, dice, (%(people)s * power(random(), 3))::int AS who,
               (%(types)s::text[])[1 + (random() * (cardinality(%(types)s::text[]) - 1))::int] AS kind
          FROM (SELECT n, random() AS dice, %(begin)s + random() * %(span)s AS at
                  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n OFFSET 0) AS drawn OFFSET 0) AS row
"""


def fill(rows: int, *, first: int) -> None:
    """Write so many rows more, numbered from `first`. They are not chained: the trigger that queues rows is off, as it
    is for whoever restores a backup, so what is measured is the asking. Indexes are made anew afterwards.
    """
    begun = time.perf_counter()
    _make_months()
    indexes = list(AuthEvent._meta.indexes)
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(AuthEvent, index)
    _write(rows, first)
    written = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
    for index in indexes:
        with connection.schema_editor() as editor:
            editor.add_index(AuthEvent, index)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) audit_authevent")
    spent = time.perf_counter() - begun
    say(f"{rows} rows written in {written:.0f} s, with their indexes {spent:.0f} s")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _make_months() -> None:
    wanted, month = [], Month.of(BEGIN)
    while month <= Month.of(NOW):
        wanted.append(month)
        month = month.plus(1)
    partitions.ensure(wanted)


def _write(rows: int, first: int) -> None:
    kinds = [kind for kind, share in TYPES for _ in range(share)]
    terms: dict[str, Any] = {
        "people": PEOPLE,
        "types": kinds,
        "begin": BEGIN,
        "span": timedelta(days=DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for begin in range(first, first + rows, AT_ONCE):
            last = min(first + rows, begin + AT_ONCE) - 1
            cursor.execute(FILL, terms | {"first": begin, "last": last})
        cursor.execute("SET session_replication_role = origin")
