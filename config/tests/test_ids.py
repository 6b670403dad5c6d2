"""Public ids are a prefix and a UUIDv7, there and back."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.ids import new_uuid, parse_public_id, public_id


@given(st.uuids())
def test_an_id_survives_the_way_there_and_back(value: UUID) -> None:
    parsed = parse_public_id("usr", public_id("usr", value))
    assert parsed == value
    assert type(parsed) is UUID


def test_later_ids_sort_after_earlier_ones() -> None:
    ids = [public_id("usr", new_uuid()) for _ in range(100)]
    assert ids == sorted(ids)


@given(st.text())
def test_any_other_text_is_no_id(text: str) -> None:
    assert parse_public_id("usr", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "ses_01h455vb4pex5vsknk084sn02q",
        "usr_01H455VB4PEX5VSKNK084SN02Q",
        "usr_8zzzzzzzzzzzzzzzzzzzzzzzzz",
    ],
)
def test_another_kind_another_case_or_too_large_a_number_is_no_id(text: str) -> None:
    assert parse_public_id("usr", text) is None
