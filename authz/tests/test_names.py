"""What entities are called: for those who may be told."""

from typing import Any

import pytest

from authz import names
from authz.tests.factories import make_person

pytestmark = pytest.mark.django_db


def everything(scope: str) -> bool:
    return True


def nothing(scope: str) -> bool:
    return False


def test_a_person_is_called_by_name_to_those_who_may_see_people() -> None:
    asha = make_person(name="Asha Rao")
    reference = f"user:{asha.public_id}"
    assert names.named([reference], may=everything)[reference].text.startswith("Asha Rao")
    told = names.named([reference], may=nothing)[reference]
    assert (told.text, told.page) == (reference, "")


def test_nobody_is_found_by_those_who_may_see_nobody() -> None:
    make_person(name="Asha Rao")
    assert names.found_by("Asha", may=everything, limit=5)
    assert names.found_by("Asha", may=nothing, limit=5) == []


def test_what_nobody_here_knows_is_called_as_it_is_written() -> None:
    wanted = ["planet:x", "system", "user:alice", "user:usr_1", "shipped"]
    found = names.named(wanted, may=everything)
    assert [found[one].text for one in wanted] == wanted


def test_a_hundred_names_cost_a_query_for_each_type(django_assert_num_queries: Any) -> None:
    people = [f"user:{make_person().public_id}" for _ in range(5)]
    with django_assert_num_queries(1):
        names.named([*people, *people, "planet:x"], may=everything)
