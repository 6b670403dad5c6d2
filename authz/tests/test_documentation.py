"""What the pages for integrators show is true."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from authz.engine.case import parse as parse_case
from authz.engine.document import parse
from authz.engine.operators import EXISTS, OPERATORS

PAGE = Path(settings.BASE_DIR) / "docs" / "integrators" / "policies.md"
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_compiles(example: str) -> None:
    shown = json.loads(example)
    assert (parse_case(shown) if "given" in shown else parse(shown)).name


def test_every_operator_has_its_row() -> None:
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert set(OPERATORS) | {EXISTS} <= named
