"""Counts rows of the trail by day while they are chained (ADR 0193)."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db import connection

ADD = """
    INSERT INTO audit_dailycount (day, event_type, outcome, shard, events)
    SELECT day, event_type, outcome, %s, events
      FROM unnest(%s::date[], %s::text[], %s::text[], %s::bigint[]) AS new(day, event_type, outcome, events)
        ON CONFLICT (day, event_type, outcome, shard)
        DO UPDATE SET events = audit_dailycount.events + EXCLUDED.events
"""


def count(shard: int, rows: Iterable[tuple[date, str, str]]) -> None:
    """Add `rows`, each the day, type and outcome of one, to what the shard has. Part of the transaction that chains
    them: each is chained once, so it is counted once."""
    counts = Counter(rows)
    if not counts:
        return
    days, types, outcomes = zip(*counts, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(ADD, [shard, list(days), list(types), list(outcomes), list(counts.values())])
