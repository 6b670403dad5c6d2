"""What stops the service, or warns, before it starts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr

from config.vault.checks import refuse_unsafe_key, vault_key_can_be_used


def test_no_process_starts_with_a_key_file_that_others_can_read(
    environment: Callable[..., None], tmp_path: Path
) -> None:
    path = tmp_path / "kek"
    path.touch(0o644)
    environment(vault_local_key=None, vault_local_key_file=path)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        refuse_unsafe_key()
    path.chmod(0o600)
    refuse_unsafe_key()


def test_a_key_file_that_is_still_to_be_made_does_not_stop_the_start(
    environment: Callable[..., None], tmp_path: Path
) -> None:
    environment(vault_local_key=None, vault_local_key_file=tmp_path / "kek")
    refuse_unsafe_key()


def test_no_process_starts_with_two_keys_of_which_one_would_be_a_guess(
    environment: Callable[..., None], tmp_path: Path
) -> None:
    environment(vault_local_key_file=tmp_path / "kek")
    with pytest.raises(ImproperlyConfigured, match="not both"):
        refuse_unsafe_key()


def test_the_deployment_check_names_a_key_that_is_none(environment: Callable[..., None]) -> None:
    environment(vault_local_key=SecretStr("plainly not a key"))
    errors = vault_key_can_be_used(None)
    assert [error.id for error in errors] == ["gatehouse.E020"]
    assert "plainly" not in str(errors[0])


def test_the_deployment_check_passes_with_a_good_key() -> None:
    assert vault_key_can_be_used(None) == []
