"""Access Evaluations: section 3 of the certification scenario, and the two semantics that it leaves out."""

from typing import Any

from tests.authzen.asking import (
    ACTIVE,
    ADMIN_BOB,
    ALICE,
    ARCHIVED,
    BOB,
    EVALUATIONS,
    ONE,
    READ,
    TWO,
    WRITE,
    Ask,
    Case,
    decision,
    decisions,
    fine,
    named,
    question,
)


def batch(*items: Any, **defaults: Any) -> dict[str, Any]:
    return {**defaults, "evaluations": list(items)}


def decides(body: Any, *expected: bool) -> Case:
    def case(ask: Ask) -> None:
        assert decisions(ask(EVALUATIONS, body), count=len(expected)) == list(expected)

    return case


def is_answered(body: Any, *, count: int) -> Case:
    def case(ask: Ask) -> None:
        decisions(ask(EVALUATIONS, body), count=count)

    return case


def refuses(body: Any) -> Case:
    def case(ask: Ask) -> None:
        assert ask(EVALUATIONS, body).status == 400

    return case


def _like_a_single_one(**more: Any) -> Case:
    def case(ask: Ask) -> None:
        document = fine(ask(EVALUATIONS, question(**more)))
        assert decision(document) is True
        assert "evaluations" not in document

    return case


def _a_malformed_item_is_a_no(ask: Ask) -> None:
    body = batch(
        {"resource": ONE},
        {},
        subject=ALICE,
        action=READ,
        options={"evaluations_semantic": "execute_all"},
    )
    answer = ask(EVALUATIONS, body)
    assert decisions(answer, count=2) == [True, False]
    assert answer.document["evaluations"][1]["context"]["error"]["status"] == 400


def semantic(name: str) -> dict[str, str]:
    return {"evaluations_semantic": name}


MIXED = ({"action": WRITE}, {"action": READ}, {"action": WRITE})  # of bob: no, yes, no
BARE = {"type": "record", "id": "record-2"}

CASES: dict[str, Case] = {
    "3.2.1 a list of evaluations": is_answered(
        batch({"resource": ONE}, {"resource": TWO}, subject=ALICE, action=READ), count=2
    ),
    "3.2.2 decisions in order": decides(
        batch({"action": READ}, {"action": WRITE}, subject=BOB, resource=ONE), True, False
    ),
    "3.2.3 properties of resources": decides(
        batch({"resource": ACTIVE}, {"resource": ARCHIVED}, subject=ALICE, action=WRITE),
        True,
        False,
    ),
    "3.2.4 properties of subjects": decides(
        batch({"subject": ALICE}, {"subject": ADMIN_BOB}, action=WRITE, resource=ARCHIVED),
        False,
        True,
    ),
    "3.2.5 no defaults": decides(batch(question(), question(BOB, WRITE)), True, False),
    "3.2.6 a context in common": is_answered(
        batch(
            {"resource": ONE},
            {"resource": TWO, "context": {"time": "2025-06-27T19:00-07:00", "source": "batch"}},
            subject=ALICE,
            action=READ,
            context={"time": "2025-06-27T18:03-07:00"},
        ),
        count=2,
    ),
    "3.2.7 defaults are inherited whole": decides(
        batch({}, {"resource": ARCHIVED}, subject=ALICE, action=WRITE, resource=ACTIVE),
        True,
        False,
    ),
    "7.1.1 and never merged": decides(
        batch(
            {"resource": BARE | {"properties": {"status": "archived"}}},
            {"resource": {"type": "record"}},
            subject=named("user", "bob", role="admin"),
            action=WRITE,
            resource=ACTIVE,
        ),
        True,
        False,
    ),
    "3.4.1 a malformed item is a no": _a_malformed_item_is_a_no,
    "3.4.1 whatever is wrong with it": decides(
        batch({"action": {"name": 5}}, "read", {"subject": None}, {}, **question()),
        False,
        False,
        False,
        True,
    ),
    "3.4.2 no list at all": _like_a_single_one(),
    "3.4.3 an empty list": _like_a_single_one(evaluations=[]),
    "7.1.2 execute_all": decides(
        batch(*MIXED, subject=BOB, resource=ONE, options=semantic("execute_all")),
        False,
        True,
        False,
    ),
    "7.1.2 deny_on_first_deny": decides(
        batch(
            *MIXED[1:], *MIXED, subject=BOB, resource=ONE, options=semantic("deny_on_first_deny")
        ),
        True,
        False,
    ),
    "7.1.2 permit_on_first_permit": decides(
        batch(*MIXED, subject=BOB, resource=ONE, options=semantic("permit_on_first_permit")),
        False,
        True,
    ),
    "7.1.2 an unknown option is ignored": decides(
        batch({}, **question(), options={"another_option": "value"}), True
    ),
    "7.1.2 an unknown semantic": refuses(batch({}, **question(), options=semantic("guess"))),
    "2.4 a default that is a string": refuses(batch({}, **question("alice"))),
    "2.4 evaluations that are an object": refuses(question(evaluations={})),
    "2.4.1 a single one without resource": refuses({"subject": ALICE, "action": READ}),
}
