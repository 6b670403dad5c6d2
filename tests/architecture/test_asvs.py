"""The page on the ASVS is whole, and points at tests and pages that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "contributors" / "asvs.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+) \|$", re.MULTILINE)

# The requirements of levels 1 and 2 in ASVS 5.0, by section: how many there are, and those of level 3 among them.
SECTIONS = {
    "1.1": (2, set()),
    "1.2": (10, {10}),
    "1.3": (12, {12}),
    "1.4": (3, set()),
    "1.5": (3, {3}),
    "2.1": (3, set()),
    "2.2": (3, set()),
    "2.3": (5, {5}),
    "2.4": (2, {2}),
    "3.2": (3, {3}),
    "3.3": (5, {5}),
    "3.4": (8, {7, 8}),
    "3.5": (8, {6, 7, 8}),
    "3.7": (5, {3, 4, 5}),
    "4.1": (5, {4, 5}),
    "4.2": (5, {2, 3, 4, 5}),
    "4.3": (2, set()),
    "4.4": (4, set()),
    "5.1": (1, set()),
    "5.2": (6, {4, 5, 6}),
    "5.3": (3, {3}),
    "5.4": (3, set()),
    "6.1": (3, set()),
    "6.2": (12, set()),
    "6.3": (8, {5, 6, 7, 8}),
    "6.4": (6, {5, 6}),
    "6.5": (8, {6, 7, 8}),
    "6.6": (4, {4}),
    "6.8": (4, set()),
    "7.1": (3, set()),
    "7.2": (4, set()),
    "7.3": (2, set()),
    "7.4": (5, set()),
    "7.5": (3, {3}),
    "7.6": (2, set()),
    "8.1": (4, {3, 4}),
    "8.2": (4, {4}),
    "8.3": (3, {2, 3}),
    "8.4": (2, {2}),
    "9.1": (3, set()),
    "9.2": (4, set()),
    "10.1": (2, set()),
    "10.2": (3, {3}),
    "10.3": (5, {5}),
    "10.4": (16, {12, 13, 14, 15, 16}),
    "10.5": (5, set()),
    "10.6": (2, set()),
    "10.7": (3, set()),
    "11.1": (4, {3, 4}),
    "11.2": (5, {4, 5}),
    "11.3": (5, {4, 5}),
    "11.4": (4, set()),
    "11.5": (2, {2}),
    "11.6": (2, {2}),
    "12.1": (5, {4, 5}),
    "12.2": (2, set()),
    "12.3": (5, {5}),
    "13.1": (4, {2, 3, 4}),
    "13.2": (6, {6}),
    "13.3": (4, {3, 4}),
    "13.4": (7, {6, 7}),
    "14.1": (2, set()),
    "14.2": (8, {5, 6, 7, 8}),
    "14.3": (3, set()),
    "15.1": (5, {4, 5}),
    "15.2": (5, {4, 5}),
    "15.3": (7, set()),
    "16.1": (1, set()),
    "16.2": (5, set()),
    "16.3": (4, set()),
    "16.4": (3, set()),
    "16.5": (4, {4}),
}
REQUIREMENTS = [
    f"{section}.{number}"
    for section, (count, of_level_3) in SECTIONS.items()
    for number in range(1, count + 1)
    if number not in of_level_3
]


def rows() -> dict[str, str]:
    return dict(ROW.findall(PAGE.read_text()))


@cache
def functions_in(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }


def test_every_requirement_has_its_row() -> None:
    assert list(rows()) == REQUIREMENTS


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_what_a_row_names_exists(requirement: str) -> None:
    for named in re.findall(r"`([^`]+)`", rows()[requirement]):
        path, _, test = named.partition("::")
        if test:
            assert test in functions_in(ROOT / path), named
        elif path.startswith("docs/"):
            assert (ROOT / path).is_file(), named
