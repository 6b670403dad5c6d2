"""How policies combine, and how a question finds those that concern it."""

from typing import Any

import pytest

from authz.engine import policyset
from authz.engine.document import parse
from authz.engine.outcomes import Unknown
from authz.engine.policyset import PolicySet
from authz.engine.verdict import Reason
from authz.tests.engine.asking import Heard, ask, policy

ACTIVE = {"attr": "resource.status", "eq": "active"}


def built(*documents: dict[str, Any]) -> PolicySet:
    return PolicySet.build(parse(document) for document in documents)


def test_no_policy_is_deny() -> None:
    verdict = ask([])
    assert (verdict.allowed, verdict.reason, verdict.policy) == (False, Reason.NO_POLICY, "")


def test_an_allow_that_matches_allows() -> None:
    verdict = ask([policy(obligations={"max": 5})])
    assert (verdict.allowed, verdict.policy, verdict.obligations) == (
        True,
        "open-house",
        {"max": 5},
    )


def test_one_deny_beats_many_allows_of_its_priority() -> None:
    policies = [policy(name="a"), policy(name="b"), policy(name="z", effect="deny")]
    assert ask(policies).policy == "z"


def test_the_highest_priority_decides() -> None:
    exception = policy(name="break-glass", priority=10)
    assert ask([policy(name="a", effect="deny"), exception]).policy == "break-glass"


def test_a_policy_of_higher_priority_that_does_not_match_decides_nothing() -> None:
    strict = policy(name="strict", effect="deny", priority=10, actions=["trade:cancel_order"])
    assert ask([policy(), strict]).allowed


def test_among_equals_the_first_name_is_told() -> None:
    assert ask([policy(name="b"), policy(name="a")]).policy == "a"


def test_a_disabled_policy_does_not_exist() -> None:
    assert not ask([policy(enabled=False)]).allowed
    assert built(policy(enabled=False)).size == 0


def test_an_allow_whose_condition_is_unknown_opens_nothing() -> None:
    heard = Heard()
    verdict = ask([policy(condition=ACTIVE)], heard=heard)
    assert verdict.reason == Reason.NO_POLICY
    assert heard.unknowns == [("open-house", Unknown.MISSING)]


def test_nor_does_its_opposite() -> None:
    assert not ask([policy(condition={"not": ACTIVE})], resource_attributes={"status": 1}).allowed


def test_a_deny_whose_condition_is_unknown_denies() -> None:
    heard = Heard()
    shut = policy(name="shut", effect="deny", condition=ACTIVE)
    verdict = ask([policy(), shut], resource_attributes={"status": 1}, heard=heard)
    assert (verdict.allowed, verdict.reason, verdict.policy) == (False, Reason.UNKNOWN, "shut")
    assert heard.unknowns == [("shut", Unknown.WRONG_TYPE)]


def test_a_deny_whose_condition_is_false_stands_aside() -> None:
    shut = policy(name="shut", effect="deny", condition=ACTIVE)
    assert ask([policy(), shut], resource_attributes={"status": "closed"}).allowed


@pytest.mark.parametrize(
    ("subjects", "subject", "roles", "expected"),
    [
        (["user:*"], "user:usr_1", [], True),
        (["user:usr_1"], "user:usr_1", [], True),
        (["user:usr_2"], "user:usr_1", [], False),
        (["service:*"], "user:usr_1", [], False),
        (["service:ticker"], "service:ticker", [], True),
        (["role:staff"], "user:usr_1", ["staff"], True),
        (["role:staff"], "user:usr_1", ["user"], False),
        (["role:staff"], "user:usr_1", [], False),
        (["user:usr_2", "role:staff"], "user:usr_1", ["user", "staff"], True),
        (["robot:*"], "robot:r2:d2", [], True),
    ],
)
def test_subjects(subjects: list[str], subject: str, roles: list[str], expected: bool) -> None:
    verdict = ask(
        [policy(subjects=subjects)], subject=subject, subject_attributes={"roles": frozenset(roles)}
    )
    assert verdict.allowed is expected


@pytest.mark.parametrize(
    ("resources", "resource", "expected"),
    [
        (["document:1"], "document:1", True),
        (["document:1"], "document:2", False),
        (["document:*"], "document:a:b", True),
        (["document:a*"], "document:abc", True),
        (["document:a*"], "document:bcd", False),
        (["doc*:1"], "document:1", True),
        (["*:1"], "document:1", True),
        (["*"], "document:1", True),
        (["folder:*"], "document:1", False),
    ],
)
def test_resources(resources: list[str], resource: str, expected: bool) -> None:
    assert ask([policy(resources=resources)], resource=resource).allowed is expected


def test_what_is_remembered_of_one_resource_is_not_said_of_another() -> None:
    policies = built(policy(resources=["document:a*", "document:z"]))
    asked = ["document:abc", "document:xyz", "document:z", "document:abd", "document:q"]
    assert [ask(policies, resource=one).allowed for one in asked] == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_nor_of_one_subject_of_another() -> None:
    policies = built(policy(subjects=["user:usr_1"]), policy(name="staff", subjects=["role:staff"]))
    assert ask(policies, subject="user:usr_1").allowed
    assert not ask(policies, subject="user:usr_2").allowed
    staff = {"roles": frozenset({"staff"})}
    assert ask(policies, subject="user:usr_2", subject_attributes=staff).policy == "staff"
    assert not ask(policies, subject="user:usr_2").allowed


def test_a_set_remembers_a_bounded_number_of_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policyset, "MEMO_SIZE", 3)
    policies = built(policy())
    for number in range(10):
        assert ask(policies, action=f"a{number}").allowed
    assert len(policies._memo) <= 3


def test_a_question_meets_only_policies_that_may_concern_it() -> None:
    many = [
        policy(name=f"p{n}", subjects=[f"role:r{n}"], actions=[f"a{n}:do"], resources=[f"t{n}:*"])
        for n in range(500)
    ]
    found = built(*many, policy(name="mine")).candidates(
        subject="user:usr_1",
        subject_type="user",
        roles=frozenset({"r7"}),
        action="a7:do",
        resource="t7:1",
        resource_type="t7",
    )
    assert {one.name for one, _ in found.policies} == {"p7", "mine"}


def test_a_set_knows_which_answers_the_clock_may_change() -> None:
    timed = policy(name="timed", actions=["a"], condition={"attr": "env.now", "exists": True})
    policies = built(timed, policy(name="plain", actions=["b"]))

    def use_clock(action: str) -> bool:
        return policies.candidates(
            subject="user:usr_1",
            subject_type="user",
            roles=frozenset(),
            action=action,
            resource="document:1",
            resource_type="document",
        ).use_clock

    assert use_clock("a")
    assert not use_clock("b")


def test_a_resource_pattern_is_compared_once_however_many_actions_stand_beside_it() -> None:
    policies = built(
        policy(actions=["a:*", "*:b", "a:b", "*"], resources=["document:x*", "document:y*"])
    )
    found = policies.candidates(
        subject="user:1",
        subject_type="user",
        roles=frozenset(),
        action="a:b",
        resource="document:y1",
        resource_type="document",
    )
    ((_, patterns),) = found.policies
    assert patterns is not None
    assert [pattern.text for pattern in patterns] == ["document:x*", "document:y*"]
