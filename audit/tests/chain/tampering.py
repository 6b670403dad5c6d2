"""What somebody does who owns the database: changes that the triggers would refuse."""

from typing import Any

from django.db import connection, transaction

from audit.chain.models import ChainLink
from audit.models import AuthEvent
from audit.services.chaining import chain_waiting
from audit.services.verification import verify
from audit.tests.factories import AuthEventFactory

Found = set[tuple[str, str | None]]  # kind and id of the event


def tamper(statement: str, *parameters: Any) -> None:
    """Run a statement as a superuser may: without triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def found() -> Found:
    """What a verification of everything finds."""
    told = [finding.as_json() for finding in verify().findings.named]
    return {(finding["kind"], finding["event_id"]) for finding in told}


def chained(number: int = 6, **fields: Any) -> list[AuthEvent]:
    """So many rows with a place each, all in one chain, in the order of their places."""
    rows: list[AuthEvent] = []
    while len(rows) < number:
        row = AuthEventFactory.build(**fields)
        if row.event_id.bytes[15] & 3 == 0:
            row.save(force_insert=True)
            rows.append(row)
    chain_waiting()
    order = dict(ChainLink.objects.values_list("event_id", "position"))
    return sorted(rows, key=lambda row: order[row.event_id])
