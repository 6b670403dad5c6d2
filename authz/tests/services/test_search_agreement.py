"""Whatever the policies and the entities: a search finds those that `check` says yes to, all of them and no others."""

import os
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from authz.engine.document import parse
from authz.engine.policyset import PolicySet
from authz.models import Entity, EntityType
from authz.services import decisions, policies, policy_sets, search, stored_entities
from authz.services.decisions import Question
from authz.services.search import Position
from authz.services.stored_entities import Draft
from authz.tests.engine.asking import policy
from authz.tests.factories import make_person

EXAMPLES = int(os.environ.get("SEARCH_EXAMPLES", "100"))

VALUES = st.sampled_from(["a", "b", "1", 1, 1.0, 0, True, False, None, ["a", "b"], [1], {"x": "a"}])
PROPERTIES = st.dictionaries(
    st.sampled_from(["one", "two", "links", "roles"]),
    VALUES | st.just({"d1": {"x": "a"}, "p2": {"x": "b"}}),
    max_size=3,
)
PEOPLE, DOCUMENTS = ["p1", "p2", "p3"], ["d1", "d2", "d3", "a/b"]
ENTITIES = st.fixed_dictionaries(
    {},
    optional={("pilot", name): PROPERTIES for name in PEOPLE}
    | {("document", name): PROPERTIES for name in DOCUMENTS},
)
PATHS = st.sampled_from(
    [
        *(
            f"{root}.{name}"
            for root in ("subject", "resource")
            for name in ("id", "type", "one", "two", "roles")
        ),
        "subject.links[resource.id].x",
        "resource.links[subject.id].x",
        "subject.one.x",
        "context.one",
        "action.one",
    ]
)
SCALARS = st.sampled_from(["a", "b", "1", 1, 1.0, 0, True, "p1", "d1"])
REFERENCE = st.builds(lambda path: {"attr": path}, PATHS)
LISTS = st.sampled_from([["a", "b"], ["p1", "d1"], [1, 2], [True]])
TESTS = st.one_of(
    st.builds(
        lambda path, operator, operand: {"attr": path, operator: operand},
        PATHS,
        st.sampled_from(["eq", "ne", "contains"]),
        SCALARS | REFERENCE,
    ),
    st.builds(
        lambda path, operator, operand: {"attr": path, operator: operand},
        PATHS,
        st.sampled_from(["in", "not_in", "contains_any"]),
        LISTS | REFERENCE,
    ),
    st.builds(lambda path, wanted: {"attr": path, "exists": wanted}, PATHS, st.booleans()),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: (
        st.builds(
            lambda name, parts: {name: parts},
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=4,
)
POLICIES = st.lists(
    st.builds(
        policy,
        name=st.sampled_from(["a", "b", "c", "d"]),
        effect=st.sampled_from(["allow", "allow", "deny"]),
        priority=st.sampled_from([0, 0, 1]),
        subjects=st.lists(
            st.sampled_from(["pilot:*", "pilot:p1", "pilot:p9", "user:*", "role:staff"]),
            min_size=1,
            max_size=2,
        ),
        actions=st.lists(
            st.sampled_from(["*", "read", "read", "t:*", "w*"]), min_size=1, max_size=2
        ),
        resources=st.lists(
            st.sampled_from(
                ["*", "document:*", "document:d1", "document:d9", "document:d*", "doc*:*"]
            ),
            min_size=1,
            max_size=2,
        ),
        condition=CONDITIONS,
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda document: document["name"],
)
QUESTIONS = st.builds(
    Question,
    subject=st.sampled_from(["pilot:p1", "pilot:p2", "pilot:p7"]),
    action=st.sampled_from(["read", "write", "t:x"]),
    resource=st.sampled_from(["document:d1", "document:d2", "document:d7"]),
    context=st.dictionaries(st.just("one"), VALUES, max_size=1),
    subject_properties=st.just({}) | PROPERTIES,
    action_properties=st.dictionaries(st.just("one"), VALUES, max_size=1),
    resource_properties=st.just({}) | PROPERTIES,
)

# Everybody of whom a search may know: those that are stored, and those that a policy may name.
EVERY_PILOT = [*PEOPLE, "p9"]
EVERY_DOCUMENT = [*DOCUMENTS, "d9"]


def those_that_may(question: Question, member: str, values: list[str]) -> list[str]:
    """The values that `check` says yes to when they stand for that member of the question."""
    changes: list[dict[str, Any]] = [{member: value} for value in values]
    questions = [replace(question, **change) for change in changes]
    answers = decisions.check_many(questions) if questions else []
    return [value for value, one in zip(values, answers, strict=True) if one.allowed]


def pages(run: Any, question: Question, *, limit: int) -> list[str]:
    """All results, page after page."""
    found: list[str] = []
    start: Position | None = Position()
    while start is not None:
        page = run(question, start=start, limit=limit)
        assert len(page.results) <= limit
        found += page.results
        start = page.following
    return found


def store(entities: dict[tuple[str, str], Any]) -> None:
    """Rows alone: thousands of events would take most of the time."""
    kinds = {kind for kind, _ in entities}
    EntityType.objects.bulk_create([EntityType(name=kind) for kind in kinds])
    Entity.objects.bulk_create(
        Entity(type_id=kind, identifier=name, properties=properties)
        for (kind, name), properties in entities.items()
    )


class TestSearchAndCheck(TestCase):
    @pytest.mark.timeout(1800)
    @given(
        documents=POLICIES,
        entities=ENTITIES,
        question=QUESTIONS,
        limit=st.sampled_from([1, 2, 50]),
    )
    @settings(max_examples=EXAMPLES)
    def test_agree(self, documents: Any, entities: Any, question: Question, limit: int) -> None:
        store(entities)
        built = PolicySet.build(parse(document) for document in documents)
        with mock.patch.object(policy_sets, "at", lambda _: built):
            self.compare(documents, entities, question, limit)

    def compare(self, documents: Any, entities: Any, question: Question, limit: int) -> None:
        named = " ".join(str(document) for document in documents)
        pilots = self._known("pilot", EVERY_PILOT, entities, named)
        papers = self._known("document", EVERY_DOCUMENT, entities, named)

        found = pages(search.search_subjects, question, limit=limit)
        assert sorted(f"pilot:{one}" for one in found) == those_that_may(
            question, "subject", pilots
        )
        found = pages(search.search_resources, question, limit=limit)
        assert sorted(f"document:{one}" for one in found) == those_that_may(
            question, "resource", papers
        )
        actions = sorted(
            {name for document in documents for name in document["actions"] if "*" not in name}
        )
        found = pages(search.search_actions, question, limit=limit)
        assert set(those_that_may(question, "action", actions)) <= set(found)
        assert those_that_may(question, "action", found) == found

    def _known(self, kind: str, names: list[str], entities: Any, policies_text: str) -> list[str]:
        return sorted(
            f"{kind}:{name}"
            for name in names
            if (kind, name) in entities or f"'{kind}:{name}'" in policies_text
        )


@pytest.mark.django_db
def test_people_are_found_beside_the_stored_ones() -> None:
    """Ours and others' of one type, each decided by what is true of it."""
    policies.create(
        document=policy(actions=["read"], condition={"attr": "subject.status", "eq": "active"}),
        by="system",
        reason="a test",
    )
    active, suspended = make_person(), make_person(status="suspended")
    stored_entities.put_many(
        drafts=[
            Draft(type="user", identifier="alice", properties={"status": "active"}),
            Draft(type="user", identifier="carol", properties={"status": "gone"}),
        ],
        by="system",
    )
    assert EntityType.objects.filter(name="user").exists()
    question = Question(subject="user:-", action="read", resource="document:d1")
    found = pages(search.search_subjects, question, limit=1)
    assert found == [active.public_id, "alice"]
    assert suspended.public_id not in found
