"""Access Evaluation: section 2 of the certification scenario, and what section 5 wants of every answer."""

from typing import Any

from tests.authzen.asking import (
    ADMIN_BOB,
    ALICE,
    ARCHIVED,
    BOB,
    CIRCUMSTANCES,
    EVALUATION,
    JSON,
    ONE,
    READ,
    WRITE,
    Ask,
    Case,
    act,
    decision,
    fine,
    named,
    question,
)


def decides(asked: Any, *, expected: bool) -> Case:
    def case(ask: Ask) -> None:
        assert decision(fine(ask(EVALUATION, asked))) is expected

    return case


def refuses(body: Any, *, content_type: str = JSON) -> Case:
    def case(ask: Ask) -> None:
        assert ask(EVALUATION, body, content_type=content_type).status == 400

    return case


def _the_id_of_a_request_is_echoed(ask: Ask) -> None:
    answer = ask(EVALUATION, question(), headers={"X-Request-ID": "bfe9eb29-ab87-4ca3"})
    fine(answer)
    assert answer.headers["x-request-id"] == "bfe9eb29-ab87-4ca3"


def _a_request_needs_no_id(ask: Ask) -> None:
    fine(ask(EVALUATION, question()))


def _asking_again_changes_nothing(ask: Ask) -> None:
    assert {decision(fine(ask(EVALUATION, question()))) for _ in range(5)} == {True}


SALES = question(
    named("user", "alice", department="Sales", role="manager"),
    act("read", method="GET"),
    named("record", "record-1", status="active", owner="bob"),
)
WITHOUT = {name: {k: v for k, v in question().items() if k != name} for name in question()}

CASES: dict[str, Case] = {
    "2.2.1 a permit": decides(question(), expected=True),
    "2.2.2 a deny": decides(question(BOB, WRITE), expected=False),
    "rule 2 alice writes record-1": decides(question(ALICE, WRITE), expected=True),
    "rule 3 bob reads record-1": decides(question(BOB, READ), expected=True),
    "2.2.3 with a context": decides(question(context=CIRCUMSTANCES), expected=True),
    "2.2.4 properties of the resource": decides(question(ALICE, WRITE, ARCHIVED), expected=False),
    "2.2.5 properties of the subject": decides(question(ADMIN_BOB, WRITE, ARCHIVED), expected=True),
    "2.2.6 properties of the action": decides(
        question(action=act("delete", soft=True)), expected=True
    ),
    "2.2.7 other properties of the action": decides(
        question(action=act("delete", soft=False)), expected=False
    ),
    "2.2.8 properties that nobody asks for": decides(SALES, expected=True),
    "2.2.9 unknown members": decides(
        question(foo="bar", futureField={"nested": True}), expected=True
    ),
    "2.4.1 no subject": refuses(WITHOUT["subject"]),
    "2.4.1 no action": refuses(WITHOUT["action"]),
    "2.4.1 no resource": refuses(WITHOUT["resource"]),
    "2.4.2 a subject without type": refuses(question({"id": "alice"})),
    "2.4.2 a subject without id": refuses(question({"type": "user"})),
    "2.4.2 an action without name": refuses(question(action={})),
    "2.4.2 a resource without type": refuses(question(resource={"id": "record-1"})),
    "2.4.2 a resource without id": refuses(question(resource={"type": "record"})),
    "2.4.3 another content type": refuses(question(), content_type="text/plain"),
    "2.4.3 a form": refuses(b"subject=alice", content_type="application/x-www-form-urlencoded"),
    "2.4.4 malformed JSON": refuses(b'{"subject": {"type": "user"'),
    "2.4.5 an empty body": refuses(b""),
    "2.4.6 a subject that is a string": refuses(question("alice")),
    "2.4.6 a name that is a number": refuses(question(action={"name": 123})),
    "2.4.6 properties that are a list": refuses(question(ONE | {"properties": []})),
    "2.4.6 a context that is a string": refuses(question(context="home")),
    "2.5.1 the id of a request is echoed": _the_id_of_a_request_is_echoed,
    "2.5.2 a request needs no id": _a_request_needs_no_id,
    "2.6 asking again changes nothing": _asking_again_changes_nothing,
}
