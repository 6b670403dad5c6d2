"""Subject, Resource and Action Search: section 4 of the certification scenario."""

from typing import Any

from tests.authzen.asking import (
    ACTIONS,
    ADMIN_BOB,
    ALICE,
    ARCHIVED,
    CIRCUMSTANCES,
    ONE,
    READ,
    RESOURCES,
    SUBJECTS,
    WRITE,
    Ask,
    Case,
    fine,
    found,
    named,
)

USER, RECORD = {"type": "user"}, {"type": "record"}
READERS = {"subject": USER, "action": READ, "resource": ONE}
READABLE = {"subject": ALICE, "action": READ, "resource": RECORD}
POSSIBLE = {"subject": ALICE, "resource": ONE}

SOUGHT = {SUBJECTS: "user", RESOURCES: "record", ACTIONS: ""}


def finds(path: str, body: Any, *expected: str) -> Case:
    def case(ask: Ask) -> None:
        assert set(expected) <= set(found(ask(path, body), kind=SOUGHT[path]))

    return case


def finds_the_same(path: str, body: Any, like: Any) -> Case:
    def case(ask: Ask) -> None:
        kind = SOUGHT[path]
        first = found(ask(path, like), kind=kind)
        assert first
        assert found(ask(path, body), kind=kind) == first

    return case


def finds_nothing(path: str, body: Any) -> Case:
    def case(ask: Ask) -> None:
        document = fine(ask(path, body))
        assert document["results"] == []
        assert document["page"]["next_token"] == ""

    return case


def refuses(path: str, body: Any) -> Case:
    def case(ask: Ask) -> None:
        assert ask(path, body).status == 400

    return case


def _page_after_page(ask: Ask) -> None:
    """4.5.2 sends the token alone; section 8.2.1 also lets the limit come again."""
    whole = found(ask(SUBJECTS, READERS), kind="user")
    for repeated in ({}, {"limit": 1}):
        document = fine(ask(SUBJECTS, READERS | {"page": {"limit": 1}}))
        seen = [one["id"] for one in document["results"]]
        while token := document["page"]["next_token"]:
            document = fine(ask(SUBJECTS, READERS | {"page": {"token": token, **repeated}}))
            seen += [one["id"] for one in document["results"]]
            assert len(document["results"]) <= 1
        assert seen == whole


def _a_token_is_for_its_own_search(ask: Ask) -> None:
    document = fine(ask(SUBJECTS, READERS | {"page": {"limit": 1}}))
    token = document["page"]["next_token"]
    assert token
    changed = READERS | {"action": WRITE, "page": {"token": token}}
    assert ask(SUBJECTS, changed).status == 400
    other_limit = READERS | {"page": {"token": token, "limit": 2}}
    assert ask(SUBJECTS, other_limit).status == 400


def _no_results_wanted(ask: Ask) -> None:
    document = fine(ask(SUBJECTS, READERS | {"page": {"limit": 0}}))
    assert document["results"] == []
    assert document["page"]["next_token"] != ""


CASES: dict[str, Case] = {
    "4.2.1 subjects": finds(SUBJECTS, READERS, "alice", "bob"),
    "4.2.2 subjects with a context": finds_the_same(
        SUBJECTS, READERS | {"context": CIRCUMSTANCES}, READERS
    ),
    "4.2.3 a subject's id is ignored": finds_the_same(
        SUBJECTS, READERS | {"subject": ALICE}, READERS
    ),
    "4.2.4 subjects by properties": finds(
        SUBJECTS, {"subject": USER, "action": WRITE, "resource": ARCHIVED}, "bob"
    ),
    "4.3.1 resources": finds(RESOURCES, READABLE, "record-1"),
    "4.3.2 resources with a context": finds_the_same(
        RESOURCES, READABLE | {"context": CIRCUMSTANCES}, READABLE
    ),
    "4.3.3 a resource's id is ignored": finds_the_same(
        RESOURCES, READABLE | {"resource": ONE}, READABLE
    ),
    "4.3.4 resources by properties": finds(
        RESOURCES, {"subject": ADMIN_BOB, "action": WRITE, "resource": RECORD}, "record-2"
    ),
    "4.4.1 actions": finds(ACTIONS, POSSIBLE, "read", "write"),
    "4.4.2 actions with a context": finds_the_same(
        ACTIONS, POSSIBLE | {"context": CIRCUMSTANCES}, POSSIBLE
    ),
    "4.4.3 actions by properties": finds(
        ACTIONS, {"subject": ADMIN_BOB, "resource": ARCHIVED}, "write"
    ),
    "4.5.1 a limit": finds(SUBJECTS, READERS | {"page": {"limit": 1}}),
    "4.5.2 page after page": _page_after_page,
    "8.2.1 a token is for its own search": _a_token_is_for_its_own_search,
    "8.2.2 no results wanted": _no_results_wanted,
    "8.2.2 a limit below nothing": refuses(SUBJECTS, READERS | {"page": {"limit": -1}}),
    "8.2.2 a limit that is a string": refuses(SUBJECTS, READERS | {"page": {"limit": "1"}}),
    "8.2.2 a token that nobody gave": refuses(SUBJECTS, READERS | {"page": {"token": "x"}}),
    "8.2.2 a page that is a number": refuses(SUBJECTS, READERS | {"page": 2}),
    "4.6.1 an unknown subject": finds_nothing(
        ACTIONS, {"subject": named("user", "nonexistent-user"), "resource": ONE}
    ),
    "4.6.1 an unknown resource": finds_nothing(
        SUBJECTS, {"subject": USER, "action": WRITE, "resource": named("record", "nothing")}
    ),
    "4.6.1 resources for an unknown subject": finds_nothing(
        RESOURCES, READABLE | {"subject": named("user", "nonexistent-user")}
    ),
    "4.6.2 an unknown type of subject": finds_nothing(
        SUBJECTS, READERS | {"subject": {"type": "spaceship"}}
    ),
    "4.6.2 an unknown type of resource": finds_nothing(
        RESOURCES, READABLE | {"resource": {"type": "spaceship"}}
    ),
    "4.6.2 actions of an unknown type": finds_nothing(
        ACTIONS, {"subject": named("spaceship", "1"), "resource": ONE}
    ),
    "4.6.2 a type that no policy can name": finds_nothing(
        SUBJECTS, READERS | {"subject": {"type": "Space Ship"}}
    ),
    "4.6.2 an action that nobody knows": finds_nothing(
        SUBJECTS, READERS | {"action": {"name": "levitate"}}
    ),
    "4.7.1 subjects without action": refuses(SUBJECTS, {"subject": USER, "resource": ONE}),
    "4.7.1 resources without subject": refuses(RESOURCES, {"action": READ, "resource": RECORD}),
    "4.7.1 actions without resource": refuses(ACTIONS, {"subject": ALICE}),
    "4.7.2 subjects of no resource": refuses(SUBJECTS, READERS | {"resource": RECORD}),
    "4.7.2 resources of no subject": refuses(RESOURCES, READABLE | {"subject": USER}),
    "4.7.2 actions of no subject": refuses(ACTIONS, {"subject": USER, "resource": ONE}),
}
