"""What operators read about retention is what the code does."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.privacy import retention
from audit.privacy.registry import declarations


def test_the_document_is_in_step() -> None:
    call_command("retention_reference", "--check", stdout=None)


def test_it_has_a_row_for_every_model() -> None:
    text = retention.document()

    assert all(f"| {each.model} |" in text for each in declarations())


def test_a_document_out_of_step_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "retention.md"
    stale.write_text("old")
    monkeypatch.setattr("audit.management.commands.retention_reference.DOCUMENT", stale)

    with pytest.raises(CommandError, match="out of step"):
        call_command("retention_reference", "--check")
    assert stale.read_text() == "old"
