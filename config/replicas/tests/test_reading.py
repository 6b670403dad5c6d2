"""Which reads go to a replica, and what becomes of them when it is behind, away, or none."""

import threading
from collections.abc import Callable
from unittest.mock import patch

import pytest
import redis as redis_library
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.exports.formats import WRITERS
from audit.exports.reading import pages_of
from audit.models import AuthEvent
from audit.tests.factories import AuthEventFactory
from audit.trail_filter import TrailFilter
from authz.models import RoleGrant
from config import redis
from config.http.context import RequestContext, acting
from config.replicas import pool, positions, reading
from config.replicas.facts import replica_facts
from config.replicas.metrics import AWAY, FAILED, LAG, OWN_CHANGE, READS, REDIS, REPLICA
from tests.replicated import ALIAS
from tests.streaming import Standby

ASHA = RequestContext(actor_type="user", actor_id="usr_asha")
pytestmark = pytest.mark.filterwarnings("error")


def where(*models: type[AuthEvent], **named: int) -> str:
    """The server that a list of the trail is read from."""

    def work() -> str:
        rows = AuthEvent.objects.all()
        list(rows)
        return rows.db

    return reading.read(work, *(models or (AuthEvent,)), **named)


def count(target: str, reason: str) -> float:
    return float(READS.labels(target, reason)._value.get())


def test_a_read_that_may_be_old_goes_to_the_replica_and_is_counted(replica: Standby) -> None:
    before = count("replica", REPLICA)
    with CaptureQueriesContext(connections[ALIAS]) as asked:
        assert where() == ALIAS
    assert any("audit_authevent" in query["sql"] for query in asked)
    assert count("replica", REPLICA) == before + 1


def test_what_was_not_named_is_read_from_the_primary(replica: Standby) -> None:
    def work() -> tuple[str, str]:
        return AuthEvent.objects.all().db, RoleGrant.objects.all().db

    assert reading.read(work, AuthEvent) == (ALIAS, "default")
    assert AuthEvent.objects.all().db == "default"


def test_a_transaction_reads_what_it_writes(replica: Standby) -> None:
    with transaction.atomic():
        row = AuthEventFactory.create()
        assert reading.read(lambda: list(AuthEvent.objects.all()), AuthEvent) == [row]

    def within() -> list[AuthEvent]:
        with transaction.atomic():
            return list(AuthEvent.objects.filter(pk=AuthEventFactory.create().pk))

    assert len(reading.read(within, AuthEvent)) == 1


def test_a_row_that_came_from_a_replica_is_changed_at_the_primary(replica: Standby) -> None:
    AuthEventFactory.create()
    replica.catch_up()
    row = reading.read(AuthEvent.objects.get, AuthEvent)
    assert row._state.db == ALIAS
    assert AuthEvent.objects.db_manager(hints={"instance": row}).all().db == "default"


def test_ones_own_change_is_seen_at_once_and_others_may_wait_for_it(replica: Standby) -> None:
    where()
    replica.pause()
    with acting(ASHA):
        AuthEventFactory.create()
        positions.remember(["user:usr_asha"])
        before = count("primary", OWN_CHANGE)
        assert where() == "default"
        assert count("primary", OWN_CHANGE) == before + 1
    with acting(RequestContext(actor_type="user", actor_id="usr_somebody")):
        assert where() == ALIAS
    replica.resume()
    replica.catch_up()
    with acting(ASHA):
        assert where() == ALIAS


def test_of_two_changes_the_later_one_counts_whichever_is_told_last(replica: Standby) -> None:
    with patch("config.replicas.servers.position", side_effect=[200, 100]):
        positions.remember(["user:usr_two"])
        positions.remember(["user:usr_two"])
    assert positions.demanded_by("user:usr_two") == 200


def test_a_change_in_a_transaction_is_remembered_after_it(replica: Standby) -> None:
    name = "user:usr_committed"
    with transaction.atomic():
        positions.note_change([name])
        AuthEventFactory.create()
        assert positions.demanded_by(name) == 0
    assert 0 < positions.demanded_by(name) <= positions.now()


def test_a_replica_that_lags_too_far_is_left_out(
    replica: Standby, environment: Callable[..., None]
) -> None:
    assert where() == ALIAS
    replica.pause()
    AuthEventFactory.create()
    replica.write_down()
    environment(replica_max_lag=1e-6, replica_check_interval=0, replica_pause=0)
    before = count("primary", LAG)
    assert where() == "default"
    assert count("primary", LAG) == before + 1


def test_a_replica_that_is_killed_is_no_error(
    replica: Standby, environment: Callable[..., None]
) -> None:
    assert where() == ALIAS
    replica.kill()
    before = count("primary", AWAY)
    assert where() == "default"
    assert count("primary", AWAY) == before + 1
    replica.revive()
    assert where() == ALIAS


def test_one_that_dies_while_it_is_read_from_is_no_error(
    replica: Standby, environment: Callable[..., None]
) -> None:
    environment(replica_check_interval=60, replica_pause=60)
    where()
    replica.kill()  # within the minute for which it is believed to be well
    before = count("primary", FAILED)
    assert where() == "default"
    assert count("primary", FAILED) == before + 1
    with CaptureQueriesContext(connection) as asked:
        assert where() == "default"
    assert len(asked) == 1, "one that failed is not asked again at once"


def test_while_one_thread_asks_a_replica_others_do_not_wait(replica: Standby) -> None:
    where()
    one = pool.replica(ALIAS)
    with one._asking:
        seen: list[object] = []
        other = threading.Thread(target=lambda: seen.append(one.standing(age=0)))
        other.start()
        other.join(60)
    assert seen == [one._known]


def test_a_server_that_is_no_replica_is_left_out(
    replica: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections[ALIAS].settings_dict, "HOST", connection.settings_dict["HOST"])
    connections[ALIAS].close()
    assert where() == "default"


def test_without_redis_nobody_knows_whose_change_was_when(
    replica: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise redis_library.ConnectionError

    before = count("primary", REDIS)
    with acting(ASHA), monkeypatch.context() as patched:
        patched.setattr(redis.client(), "get", away)
        assert where() == "default"
        assert count("primary", REDIS) == before + 1
    with monkeypatch.context() as patched:
        patched.setattr(redis.client(), "eval", away)
        positions.remember(["user:usr_asha"])
    assert where() == "default", "what could not be remembered makes the process careful"


def test_an_export_is_whole_although_the_replica_is_behind(replica: Standby) -> None:
    where()
    replica.pause()
    rows = [AuthEventFactory.create() for _ in range(3)]
    pages = pages_of(WRITERS["jsonl"], TrailFilter.of({}), timezone.now())
    assert sum(page.rows for page in pages) == len(rows)


def test_an_export_is_read_from_a_replica_that_has_it_all(
    replica: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    AuthEventFactory.create()
    where()
    here = positions.now()  # others may write behind it
    monkeypatch.setattr(positions, "now", lambda: here)
    replica.catch_up()
    with CaptureQueriesContext(connections[ALIAS]) as asked:
        [page] = pages_of(WRITERS["jsonl"], TrailFilter.of({}), timezone.now())
    assert page.rows == 1
    assert any("string_agg" in query["sql"] for query in asked)


def test_the_metrics_tell_how_far_a_replica_is_behind(replica: Standby) -> None:
    def told() -> dict[str, float]:
        return {
            family.name: sample.value for family in replica_facts() for sample in family.samples
        }

    assert told().keys() == {"gatehouse_replica_lag_seconds", "gatehouse_replica_usable"}
    assert told()["gatehouse_replica_lag_seconds"] < 300
    replica.kill()
    assert told() == {"gatehouse_replica_usable": 0.0}


def test_without_replicas_nothing_is_asked(transactional_db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert where() == "default"
    assert len(asked) == 1
    assert positions.now() == 0
