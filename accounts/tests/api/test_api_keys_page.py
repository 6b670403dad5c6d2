"""The scanner of `docs/integrators/api-keys.md`, word for word, on keys of ours."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models.api_key import ApiKeyScope
from accounts.services import api_key_format

PAGE = Path(settings.BASE_DIR, "docs", "integrators", "api-keys.md").read_text()


def scan(text: str) -> list[str]:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    return done.stdout.split()


def test_it_finds_every_key_and_shows_none() -> None:
    keys = [api_key_format.draw() for _ in range(20)]
    text = "\n".join(f'TOKEN = "{key}"  # and {key}' for key in keys)

    assert scan(text) == [f"gh_pat_…{key[-4:]}" for key in keys for _ in range(2)]


def test_it_is_silent_about_what_only_looks_like_one() -> None:
    key = api_key_format.draw()
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")

    assert scan(f"{wrong} {key}x {key[:-1]} gh_pat_{'0' * 49}") == []


@pytest.mark.parametrize("scope", ApiKeyScope.values)
def test_the_page_names_every_scope(scope: str) -> None:
    assert f"| `{scope}` |" in PAGE
