"""The documents that are written from the settings."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.devstack.management.commands import settings_reference
from config.settings.environment import Environment
from config.settings.reference import documents, env_example, settings_page


def test_the_documents_are_in_step_with_the_settings() -> None:
    for path, text in documents().items():
        assert path.read_text() == text, "run `manage.py settings_reference`"


def test_every_variable_is_in_both_documents_with_its_meaning() -> None:
    example, page = env_example(), settings_page()
    for name, field in Environment.model_fields.items():
        assert field.description, name
        assert f"# {field.description}\n# {name.upper()}=" in example
        assert f"| `{name.upper()}` | " in page


def test_times_are_told_in_words_and_bounds_as_sentences() -> None:
    page = settings_page()
    assert "| `ACCESS_TOKEN_LIFETIME` | number 60 to 3600 | `900` (15 minutes) |" in page
    assert "| `BROKER_CONNECT_TIMEOUT` | number more than 0 and at most 30 | `3.0` |" in page
    assert "| `DATABASE_URL` | secret | unset |" in page


def test_defaults_never_name_this_machine() -> None:
    assert str(Path(__file__).parents[3]) not in env_example() + settings_page()


def test_the_command_writes_what_is_stale_and_its_check_only_complains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "docs" / "page.md"
    monkeypatch.setattr(settings_reference, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(settings_reference, "documents", lambda: {path: "new"})
    with pytest.raises(CommandError, match=r"Out of step with the settings: docs/page\.md"):
        call_command("settings_reference", check=True)
    assert not path.exists()
    output = StringIO()
    call_command("settings_reference", stdout=output)
    assert (path.read_text(), output.getvalue()) == ("new", "Written: docs/page.md\n")
    call_command("settings_reference", check=True)
    call_command("settings_reference", stdout=output)
    assert output.getvalue().endswith("Nothing has changed.\n")
