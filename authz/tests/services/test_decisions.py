"""What the one way to ask answers, remembers and counts."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from authz import attributes
from authz.attributes import AttributeRegistry, Attributes
from authz.engine.verdict import Reason
from authz.freshness.memory import StampedMemory
from authz.services import decisions, entities
from authz.services.decisions import Question
from authz.tests.conftest import Metric
from authz.tests.factories import make_person, make_role, write_policy
from config.http.problems import InvalidRequestError


class Colour(StrEnum):
    RED = "red"


class Shelf:
    """A provider that knows the books it was made with, and counts how often it was asked."""

    names = frozenset({"colour", "pages", "tags", "lent", "place"})

    def __init__(self, books: Mapping[str, Mapping[str, Any]], good_until: Any = None) -> None:
        self.books = books
        self.good_until = good_until
        self.asked: list[set[str]] = []

    def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
        self.asked.append(set(ids))
        return {
            one: Attributes(self.books[one], self.good_until) for one in ids if one in self.books
        }


@pytest.fixture
def shelve(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`shelve(books)` answers for entities of the type `book`, besides those that the apps answer for."""

    def build(books: Mapping[str, Mapping[str, Any]], good_until: Any = None) -> Shelf:
        shelf = Shelf(books, good_until)
        registry = AttributeRegistry()
        for provider in attributes.registry.providers("user"):
            registry.register("user", provider)
        registry.register("book", shelf)
        monkeypatch.setattr(entities, "registry", registry)
        monkeypatch.setattr(entities, "_memory", StampedMemory(lambda: 100))
        return shelf

    return build


def check(**changes: Any) -> Any:
    question = {"subject": "user:usr_1", "action": "read", "resource": "book:1"}
    return decisions.check(**(question | changes))


@pytest.mark.django_db
def test_a_decision_says_why_and_when() -> None:
    write_policy("open", obligations={"max": 5})
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        decision = check()
    assert (decision.allowed, decision.reason, decision.policy) == (True, Reason.POLICY, "open")
    assert (decision.obligations, decision.evaluated_at) == ({"max": 5}, moment)


@pytest.mark.django_db
def test_attributes_come_from_their_providers(shelve: Any) -> None:
    shelve(
        {"1": {"colour": Colour.RED, "pages": 10, "tags": ("a", "b"), "place": {"shelf": {"x"}}}}
    )
    for condition in (
        {"attr": "resource.colour", "eq": "red"},
        {"attr": "resource.pages", "lt": 11},
        {"attr": "resource.tags", "contains_all": ["a", "b"]},
        {"attr": "resource.place.shelf", "contains": "x"},
        {"attr": "resource.lent", "exists": False},
        {"attr": "resource.id", "eq": "1"},
        {"attr": "resource.type", "eq": "book"},
    ):
        policy = write_policy(condition=condition)
        assert check().allowed
        from authz.services import policies

        policies.delete(policy_id=policy.pk, by="system", reason="a test")


@pytest.mark.django_db
def test_what_does_not_exist_has_no_attributes(shelve: Any, counted: Metric) -> None:
    shelve({})
    write_policy("red", condition={"attr": "resource.colour", "eq": "red"})
    before = counted("gatehouse_policy_unknowns_total", reason="missing")
    assert check().reason == Reason.NO_POLICY
    assert counted("gatehouse_policy_unknowns_total", reason="missing") == before + 1


@pytest.mark.django_db
def test_a_type_that_nobody_answers_for_has_no_attributes_and_no_roles() -> None:
    make_role(name="reader")
    write_policy(subjects=["robot:*"])
    assert check(subject="robot:r2", resource="planet:x").allowed


@pytest.mark.django_db
def test_context_is_what_the_caller_says() -> None:
    write_policy(condition={"attr": "context.value", "lte": 100})
    assert check(context={"value": 100}).allowed
    assert not check(context={"value": 101}).allowed
    assert not check().allowed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": "usr_1"}, "subject"),
        ({"subject": "User:usr_1"}, "subject"),
        ({"subject": "user:"}, "subject"),
        ({"subject": "user:*"}, "subject"),
        ({"subject": "role:admin"}, "subject"),
        ({"subject": "user:a b"}, "subject"),
        ({"subject": "user:a\x00"}, "subject"),
        ({"subject": "user:" + "a" * 300}, "subject"),
        ({"action": ""}, "action"),
        ({"action": "trade:"}, "action"),
        ({"action": "trade:*"}, "action"),
        ({"action": "a\nb"}, "action"),
        ({"resource": "book"}, "resource"),
        ({"resource": ":1"}, "resource"),
        ({"resource": "book:*"}, "resource"),
    ],
)
def test_a_malformed_question_is_refused_by_name(changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check(**changes)
    assert [error.field for error in caught.value.errors] == [field]


@pytest.mark.django_db
def test_many_are_answered_in_their_order() -> None:
    write_policy(actions=["read"])
    asked = [
        Question(subject="user:usr_1", action=action, resource="planet:x")
        for action in ("read", "write", "read", "burn")
    ]
    assert [one.allowed for one in decisions.check_many(asked)] == [True, False, True, False]


@pytest.mark.django_db
def test_one_malformed_question_stops_them_all_and_is_named() -> None:
    asked = [
        Question(subject="user:usr_1", action="read", resource="planet:x"),
        Question(subject="user:usr_1", action="read", resource="planet"),
    ]
    with pytest.raises(InvalidRequestError) as caught:
        decisions.check_many(asked)
    assert [error.field for error in caught.value.errors] == ["checks.1.resource"]


@pytest.mark.django_db(transaction=True)
def test_a_warm_decision_asks_postgresql_nothing(
    environment: Any, django_assert_num_queries: Any
) -> None:
    environment(stamp_lease=30)
    person = make_person()
    write_policy(condition={"attr": "subject.id", "eq": person.public_id})
    assert check(subject=f"user:{person.public_id}").allowed
    with django_assert_num_queries(0):
        assert check(subject=f"user:{person.public_id}").allowed


@pytest.mark.django_db(transaction=True)
def test_a_hundred_people_cost_the_queries_of_one(django_assert_max_num_queries: Any) -> None:
    write_policy()
    people = [make_person() for _ in range(100)]
    check()
    with django_assert_max_num_queries(8):
        answers = decisions.check_many(
            [
                Question(subject=f"user:{one.public_id}", action="read", resource="planet:x")
                for one in people
            ]
        )
    assert len(answers) == 100


@pytest.mark.django_db(transaction=True)
def test_one_load_serves_all_the_questions_about_an_entity(shelve: Any) -> None:
    shelf = shelve({"1": {"colour": "red"}, "2": {}})
    asked = [
        Question(subject="user:usr_1", action="read", resource=f"book:{number}")
        for number in ("1", "2", "1", "3")
    ]
    decisions.check_many(asked)
    decisions.check_many(asked)
    assert shelf.asked == [{"1", "2", "3"}]


@pytest.mark.django_db(transaction=True)
def test_what_time_changes_is_loaded_again_when_it_has(shelve: Any) -> None:
    end = datetime(2030, 1, 1, tzinfo=UTC)
    shelf = shelve({"1": {}}, good_until=end)
    for offset, loads in ((-2, 1), (-1, 1), (0, 2), (1, 2)):
        with time_machine.travel(end + timedelta(seconds=offset), tick=False):
            check()
        assert len(shelf.asked) == loads


@pytest.mark.django_db
def test_an_answer_is_good_for_no_longer_than_what_it_rests_on(
    shelve: Any, environment: Any
) -> None:
    environment(decision_ttl=30)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        shelve({"1": {}}, good_until=now + timedelta(seconds=7.9))
        assert check().ttl == 7
        shelve({"1": {}}, good_until=now + timedelta(hours=1))
        assert check().ttl == 30
        write_policy(condition={"attr": "env.now", "exists": True})
        assert check().ttl == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "books", [{"1": {"smell": "old"}}, {"1": {"pages": 1 + 2j}}, {"1": {"tags": [object()]}}]
)
def test_a_provider_keeps_to_what_it_declared_and_to_json(shelve: Any, books: Any) -> None:
    shelve(books)
    with pytest.raises(ImproperlyConfigured):
        check()


@pytest.mark.django_db
def test_decisions_are_counted(counted: Metric) -> None:
    def total(decision: str, source: str) -> float:
        return counted("gatehouse_decisions_total", decision=decision, source=source)

    write_policy(actions=["read"])
    allows, denies = total("allow", "internal"), total("deny", "api")
    singles = counted("gatehouse_decision_duration_seconds_count", source="internal")
    batches = counted("gatehouse_decision_batch_size_sum", source="api")
    check()
    decisions.check_many(
        [Question(subject="user:usr_1", action="burn", resource="planet:x")] * 3, source="api"
    )
    assert total("allow", "internal") == allows + 1
    assert total("deny", "api") == denies + 3
    assert counted("gatehouse_decision_duration_seconds_count", source="internal") == singles + 1
    assert counted("gatehouse_decision_batch_size_sum", source="api") == batches + 3


def test_two_providers_may_share_a_type_and_no_name() -> None:
    registry = AttributeRegistry()
    registry.register("book", Shelf({}))

    class Lending:
        names = frozenset({"lender"})

        def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
            return {}

    registry.register("book", Lending())
    assert registry.names("book") == Shelf.names | {"lender"}
    with pytest.raises(ImproperlyConfigured, match="lender"):
        registry.register("book", Lending())


def test_nobody_answers_for_id_and_type() -> None:
    class Thief:
        names = frozenset({"id"})

        def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
            return {}

    with pytest.raises(ImproperlyConfigured, match="id"):
        AttributeRegistry().register("book", Thief())
