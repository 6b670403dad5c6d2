"""Every filter that is offered goes through an index, and reads no month that it need not read.

Reads the plans of PostgreSQL for the queries that the API makes, on 48,000 rows in twelve months.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from audit.models import AuthEvent, AuthEventQuerySet, Position
from audit.months import Month
from audit.services import chunks
from audit.services.partitions import existing
from audit.tests.services.test_partitions import drop, make
from audit.trail_filter import TrailFilter

pytestmark = pytest.mark.django_db

MONTHS = [Month(2019, number) for number in range(1, 13)]
MIDDLE = MONTHS[6]

USER = "usr_01h455vb4pex5vsknk084sn02q"
SESSION = "ses_01h455vb4pex5vsknk084sn02q"

FILL = """
INSERT INTO audit_authevent (event_id, occurred_at, event_type, outcome, actor_type, actor_id, subject_user_id,
    session_id, client_id, ip, country, device_fingerprint, user_agent, risk_score, risk_signals, request_id, metadata)
SELECT gen_random_uuid(),
       '2019-01-01T00:00:00Z'::timestamptz + number * interval '650 seconds',
       (ARRAY['auth.login.succeeded', 'auth.login.failed', 'auth.token.refreshed', 'auth.logout',
              'account.updated', 'trading.credentials.read', 'authz.role.granted'])[1 + number % 7],
       CASE WHEN number % 25 = 0 THEN 'failure' ELSE 'success' END,
       'user', '', CASE number % 500 WHEN 7 THEN '{user}' ELSE 'usr_' || number % 500 END,
       CASE number % 3000 WHEN 7 THEN '{session}' ELSE 'ses_' || number % 3000 END, '',
       ('10.' || number % 7 || '.' || number % 241 || '.' || number % 251)::inet, 'IN', '', '',
       CASE WHEN number % 20 = 0 THEN (number / 20) % 100 END, '[]', '', '{{}}'
  FROM generate_series(0, 47999) AS number
"""


@pytest.fixture(scope="module")
def _filled_trail(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Months of their own, dropped again at the end."""
    with django_db_blocker.unblock():
        if chunks.in_use():
            pytest.skip("the trail is a hypertable here")
        for month in MONTHS:
            make(month)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")  # nothing of it is chained
                cursor.execute(FILL.format(user=USER, session=SESSION))
                cursor.execute("SET session_replication_role = origin")
                cursor.execute("ANALYZE audit_authevent")
            yield
        finally:
            for month in set(MONTHS) & set(existing()):
                drop(month)


@dataclass(frozen=True)
class Plan:
    """What PostgreSQL would read of the filled months: by which indexes of the model, and which months."""

    indexes: set[str]
    months: set[Month]
    sequential: set[str]
    conditions: str  # what is compared within the indexes


def plan_of(rows: AuthEventQuerySet) -> Plan:
    with CaptureQueriesContext(connection) as queries:
        rows.newest(51)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {queries.captured_queries[0]['sql']}")
        ((root,),) = cursor.fetchone()
        cursor.execute(
            "SELECT child.relname, parent.relname FROM pg_inherits"
            " JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent"
        )
        parents = dict(cursor.fetchall())
    indexes, months, sequential, conditions = set(), set(), set(), ""
    for node in nodes(root["Plan"]):
        if name := node.get("Index Name"):
            indexes.add((parents.get(name, name), name))
            conditions += node.get("Index Cond", "")
        if (month := Month.of_partition(node.get("Relation Name", ""))) in MONTHS and month:
            months.add(month)
            if node["Node Type"] == "Seq Scan":
                sequential.add(str(month))
    of_filled = {parent for parent, name in indexes if "_y2019m" in name}
    return Plan(of_filled, months, sequential, conditions)


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.usefixtures("_filled_trail")
@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("", "authevent_by_time"),
        (f"user_id={USER}", "authevent_of_user"),
        ("event_type=auth.login.failed", "authevent_of_type"),
        ("event_type=auth.login.failed&event_type=account.updated", "authevent_of_type"),
        ("ip=10.3.3.3", "authevent_by_ip"),
        ("ip=10.3.3.0/24", "authevent_by_ip"),
        (f"session_id={SESSION}", "authevent_by_session"),
        ("risk=70", "authevent_by_risk"),
        ("outcome=failure", "authevent_failures"),
    ],
)
def test_a_filter_reads_its_index_and_never_a_whole_month(question: str, index: str) -> None:
    plan = plan_of(TrailFilter.read(QueryDict(question)).narrow(AuthEvent.objects.all()))
    assert plan.indexes == {index}
    assert plan.sequential == set()
    assert plan.months == set(MONTHS)


@pytest.mark.usefixtures("_filled_trail")
@pytest.mark.parametrize(
    ("question", "index", "within"),
    [
        (f"user_id={USER}&ip=10.0.0.0/8", "authevent_of_user", "ip"),
        (f"user_id={USER}&risk=70", "authevent_of_user", "risk_score"),
        ("event_type=auth.login.failed&risk=70", "authevent_of_type", "risk_score"),
    ],
)
def test_an_address_or_a_risk_is_looked_for_within_the_index_of_a_person_or_type(
    question: str, index: str, within: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL random_page_cost = 4")  # of so few rows, others are as cheap
    rows = TrailFilter.read(QueryDict(question)).narrow(AuthEvent.objects.all())
    plan = plan_of(rows)
    assert plan.indexes == {index}
    assert within in plan.conditions


@pytest.mark.usefixtures("_filled_trail")
@pytest.mark.parametrize("also", ["", f"&user_id={USER}", "&event_type=auth.*", "&ip=10.0.0.0/8"])
def test_a_span_of_time_reads_only_its_months(also: str) -> None:
    question = f"from=2019-07-10T00:00:00Z&to=2019-07-17T00:00:00Z{also}"
    plan = plan_of(TrailFilter.read(QueryDict(question)).narrow(AuthEvent.objects.all()))
    assert plan.months == {MIDDLE}
    assert plan.sequential == set()


@pytest.mark.usefixtures("_filled_trail")
def test_a_page_far_down_reads_no_month_above_it() -> None:
    position = Position(MIDDLE.start, UUID(int=0))
    plan = plan_of(AuthEvent.objects.after(position))
    assert plan.months == set(MONTHS[:7])
    assert plan.indexes == {"authevent_by_time"}
    assert plan.sequential == set()
