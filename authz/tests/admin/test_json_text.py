"""Where in a text a place of its document stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.admin.json_text import FaultyTextError, lines_of, read
from authz.admin.policy_text import text_of
from authz.services.starting_points import starting_points

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('ab.{"\\,', max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


def places(value: object, path: str = "") -> set[str]:
    if isinstance(value, dict):
        parts = [(str(name), part) for name, part in value.items()]
    elif isinstance(value, list):
        parts = [(str(index), part) for index, part in enumerate(value)]
    else:
        parts = []
    found = {path}
    for step, part in parts:
        found |= places(part, f"{path}.{step}".lstrip("."))
    return found


@given(VALUES)
def test_every_place_has_a_line(value: object) -> None:
    text = json.dumps(value, indent=1)
    lines = lines_of(text)
    assert places(value) <= lines.keys()
    assert set(lines.values()) <= set(range(1, text.count("\n") + 2))


def test_the_lines_are_the_right_ones() -> None:
    text = '{\n"a": [1,\n{"b":\n 2}],\n"c, \\" {": "x"}'
    assert lines_of(text) == {"": 1, "a": 2, "a.0": 2, "a.1": 3, "a.1.b": 3, 'c, " {': 5}


@given(VALUES)
def test_a_document_says_the_same_as_text(value: object) -> None:
    assert json.loads(text_of(value)) == value


@pytest.mark.parametrize("point", starting_points(), ids=lambda point: point.name)
def test_a_policy_to_start_from_is_a_policy(point: object) -> None:
    from authz.engine import document
    from authz.services.starting_points import StartingPoint

    assert isinstance(point, StartingPoint)
    assert document.parse(point.document).name == point.name
    assert text_of(point.document).startswith('{\n  "name"')


@pytest.mark.parametrize("text", ["", "{", "\ud800", '{"a": 1, "a": 2}', "NaN", "[" * 40])
def test_what_is_no_json_of_ours_is_told(text: str) -> None:
    with pytest.raises(FaultyTextError):
        read(text)
