"""Which decisions are written down, and with what."""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from authz.models import DecisionRecord
from authz.recording import recorder, rows
from authz.services import decisions, policies
from authz.services.decisions import Question
from authz.tasks import prune_decision_records
from authz.tests.conftest import Metric
from authz.tests.factories import make_person, write_policy
from config.telemetry import planted_secrets
from conftest import ApiClientFactory

WRITTEN, SOURCE = "gatehouse_decision_records_total", "internal"


@pytest.fixture(autouse=True)
def _database(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("db")


def ask(subject: str = "user:usr_1", **context: Any) -> decisions.Decision:
    return decisions.check(subject=subject, action="read", resource="planet:x", context=context)


def test_a_record_tells_the_question_the_answer_and_what_it_was_made_from(records: Any) -> None:
    person = make_person()
    write_policy("open", condition={"attr": "subject.status", "eq": "active"})
    answer = ask(f"user:{person.public_id}", device="phone")
    (record,) = records()
    assert (record.subject, record.action, record.resource) == (
        f"user:{person.public_id}",
        "read",
        "planet:x",
    )
    assert (record.subject_type, record.resource_type) == ("user", "planet")
    assert (record.allowed, record.reason, record.policy) == (True, "policy", "open")
    assert (record.policy_version, record.source) == (1, SOURCE)
    assert record.decided_at == answer.evaluated_at
    assert record.context == {"device": "phone"}
    assert record.subject_attributes["status"] == "active"
    assert record.left_out == []


def test_the_fingerprint_changes_with_every_version(records: Any) -> None:
    policy = write_policy("open")
    ask()
    ask()
    policies.update(
        policy_id=policy.pk, document=policy.current.document, by="system", reason="again"
    )
    ask()
    prints = [record.fingerprint for record in records()]
    assert prints[0] == prints[1] != prints[2]
    assert records()[2].policy_version == 2


def test_all_denials_and_a_share_of_the_allows(records: Any, environment: Any) -> None:
    environment(decision_record_interval=3600, decision_record_allows=0.0)
    write_policy("open", subjects=["user:usr_1"])
    ask()
    ask("user:usr_2")
    assert [record.allowed for record in records()] == [False]


def test_each_of_a_batch_is_written_down(records: Any) -> None:
    questions = [
        Question(subject=f"user:usr_{n}", action="read", resource="planet:x") for n in range(3)
    ]
    decisions.check_many(questions)
    assert [record.subject for record in records()] == [one.subject for one in questions]


def test_none_is_written_down_when_the_interval_is_zero(records: Any, environment: Any) -> None:
    environment(decision_record_interval=0)
    ask()
    assert records() == []


def test_secrets_in_a_context_are_not_stored(records: Any) -> None:
    planted_secrets.add("hunter2-and-more")
    ask(password="hunter2-and-more")
    (record,) = records()
    assert record.context == {"password": "[redacted]"}
    assert record.left_out == ["context.password"]


def test_a_huge_context_is_left_out(records: Any) -> None:
    ask(note="x" * 100_000)
    (record,) = records()
    assert (record.context, record.left_out) == ({}, ["context"])


def test_what_finds_no_room_is_counted_and_decided_all_the_same(
    records: Any, environment: Any, counted: Metric
) -> None:
    environment(decision_record_interval=3600, decision_record_buffer=1)
    before = counted(WRITTEN, outcome="dropped")
    assert [ask().allowed, ask().allowed] == [False, False]
    assert counted(WRITTEN, outcome="dropped") == before + 1
    assert len(records()) == 1


def test_a_database_that_takes_nothing_stops_no_decision(
    records: Any, counted: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError("full")

    before = counted(WRITTEN, outcome="dropped")
    with monkeypatch.context() as patch:
        patch.setattr(rows, "write", refuse)
        ask()
        recorder.flush()
    assert counted(WRITTEN, outcome="dropped") == before + 1
    ask()
    assert len(records()) == 1


@pytest.mark.django_db(transaction=True)
def test_it_happens_by_itself(environment: Any) -> None:
    recorder.stop()  # the thread of another test may sleep for an hour
    environment(decision_record_interval=0.02)
    ask()
    deadline = time.monotonic() + 20
    while not DecisionRecord.objects.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    recorder.stop()


def test_what_is_older_than_the_retention_goes(records: Any, environment: Any) -> None:
    environment(decision_retention=86_400, decision_record_interval=3600)
    ask()
    later = timezone.now() + timedelta(days=1, seconds=5)
    with time_machine.travel(later):
        ask()
        assert len(records()) == 2
        assert prune_decision_records() == 1
    assert len(records()) == 1


# The list


@pytest.fixture
def staff(api: ApiClientFactory) -> Any:
    return api(make_person(), scopes={"audit:read"})


def listed(client: Any, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/authz/decisions", query)
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_staff_read_the_list_newest_first(staff: Any, records: Any) -> None:
    write_policy("open", subjects=["user:usr_1"])
    ask()
    ask("user:usr_2", ip="203.0.113.7")
    records()
    newest, oldest = listed(staff)
    assert (newest["decision"], newest["policy"], newest["reason"]) == ("deny", None, "no_policy")
    assert newest["context"] == {"ip": "203.0.113.7"}
    assert newest["id"].startswith("dec_")
    assert (oldest["decision"], oldest["policy"], oldest["policy_version"]) == ("allow", "open", 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"subject": "user:usr_2"}, ["user:usr_2"]),
        ({"resource": "planet:x"}, ["user:usr_2", "user:usr_1"]),
        ({"resource": "planet:y"}, []),
        ({"action": "read", "decision": "allow"}, ["user:usr_1"]),
        ({"decision": "deny"}, ["user:usr_2"]),
        ({"policy": "open"}, ["user:usr_1"]),
        ({"reason": "no_policy"}, ["user:usr_2"]),
        ({"from": "2020-01-01T00:00:00Z"}, ["user:usr_2", "user:usr_1"]),
        ({"to": "2020-01-01T00:00:00Z"}, []),
        ({"limit": 1}, ["user:usr_2"]),
    ],
)
def test_filters_narrow_it(staff: Any, records: Any, query: Any, found: list[str]) -> None:
    write_policy("open", subjects=["user:usr_1"])
    ask()
    ask("user:usr_2")
    records()
    assert [one["subject"] for one in listed(staff, **query)] == found


@pytest.mark.parametrize(
    "query", ["colour=red", "decision=maybe", "decision=allow&decision=deny", "from=yesterday"]
)
def test_a_filter_that_is_not_understood_is_refused(staff: Any, query: str) -> None:
    assert staff.get(f"/v1/authz/decisions?{query}").status_code == 400


def test_the_list_needs_its_scope(api: ApiClientFactory) -> None:
    assert (
        api(make_person(), scopes={"policies:read"}).get("/v1/authz/decisions").status_code == 403
    )
