"""However many rows wait, a batch reads no more of the queue than it takes."""

import json

import pytest
from django.db import connection, transaction

from audit.services import chaining
from audit.tests.factories import AuthEventFactory

pytestmark = pytest.mark.django_db


def test_a_batch_is_read_in_the_order_of_the_index_without_a_sort_or_a_scan_of_all() -> None:
    AuthEventFactory.create()
    with transaction.atomic(), connection.cursor() as cursor:
        chaining._waiting(0, 5)
        for way in ("seqscan", "bitmapscan", "sort"):  # of few rows all ways are cheap
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {chaining.WAITING}", [0, 5])
        plan = json.dumps(cursor.fetchone())

    assert "unchained_by_shard" in plan
    assert '"Sort"' not in plan
    assert '"Seq Scan"' not in plan
