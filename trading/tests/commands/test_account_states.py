"""The page about broker accounts is as the state machine is."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from trading import states_page
from trading.models import AccountStatus
from trading.services.transitions import ARROWS


def test_the_page_is_in_step() -> None:
    call_command("account_states", "--check")


def test_every_arrow_and_status_is_on_it() -> None:
    text = states_page.PAGE.read_text()
    for cause, arrow in ARROWS.items():
        for source in arrow.sources:
            assert f"{source.value} --> {arrow.target.value}: {cause.value}\n" in text
    for status in AccountStatus:
        assert f"\n| `{status.value}` | " in text


def test_what_is_out_of_step_is_said_and_mended(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before\n\n{states_page.BEGIN}\nold\n{states_page.END}\n\nAfter\n")
    with pytest.raises(CommandError, match="out of step"):
        call_command("account_states", "--check", "--page", str(page))
    call_command("account_states", "--page", str(page))
    call_command("account_states", "--check", "--page", str(page))
    text = page.read_text()
    assert text.startswith("Before\n")
    assert text.endswith("\n\nAfter\n")
    assert "old" not in text


def test_a_page_without_a_place_for_it_is_said(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Nothing here")
    with pytest.raises(CommandError, match="marks are missing"):
        call_command("account_states", "--page", str(page))
    with pytest.raises(CommandError, match="No such file"):
        call_command("account_states", "--page", str(tmp_path / "none.md"))
