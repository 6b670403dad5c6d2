"""The key management service: chosen by the environment, counted, and never worked around."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from config.vault import kms
from config.vault.errors import KeyDestroyedError, VaultUnavailableError
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.sealing import open_field, seal_field
from config.vault.tests.factories import SECRET, a_note, a_subject
from config.vault.tests.key_services import aws_settings, transit_settings
from config.vault.tests.models import Note
from config.vault.tests.transit_server import TransitServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed_tables")]
OTHER_KEY = SecretStr(base64.b64encode(b"another key-encryption key 32 by").decode())


def requests(operation: str, outcome: str) -> float:
    labels = {"provider": "local", "operation": operation, "outcome": outcome}
    return REGISTRY.get_sample_value("gatehouse_kms_requests_total", labels) or 0.0


def test_a_data_key_names_the_service_and_the_key_that_wrapped_it() -> None:
    key = DataKey.objects.of_subject(a_note().key_subject).get()
    assert (key.provider, key.kek_version) == ("local", 1)
    assert key.kek_id == kms.provider().wrap(b"x", context="user:x").kek.id


def test_with_the_wrong_key_encryption_key_nothing_opens_and_nothing_is_called_broken(
    environment: Callable[..., None],
) -> None:
    note = a_note()
    opened_keys.clear()
    environment(vault_local_key=OTHER_KEY)
    before = requests("unwrap", "unavailable")
    with pytest.raises(VaultUnavailableError):
        open_field(note, "secret")
    assert requests("unwrap", "unavailable") == before + 1


def test_with_the_right_key_back_everything_opens_again(environment: Callable[..., None]) -> None:
    from django.conf import settings

    right = settings.ENVIRONMENT.vault_local_key
    note = a_note()
    opened_keys.clear()
    environment(vault_local_key=OTHER_KEY)
    with pytest.raises(VaultUnavailableError):
        open_field(note, "secret")
    environment(vault_local_key=right)
    assert open_field(note, "secret") == SECRET


@pytest.mark.parametrize(
    ("key", "file"),
    [
        (None, None),
        (SecretStr("not a key"), None),
        (None, Path("/nowhere/kek")),
        (OTHER_KEY, Path("/nowhere/kek")),
    ],
)
def test_without_a_usable_key_nothing_is_sealed(
    environment: Callable[..., None], key: SecretStr | None, file: Path | None
) -> None:
    environment(vault_local_key=key, vault_local_key_file=file)
    note = Note(owner=a_subject().id)
    before = requests("wrap", "unavailable")
    with pytest.raises(VaultUnavailableError):
        seal_field(note, "secret", SECRET)
    assert note.secret is None
    assert not DataKey.objects.of_subject(note.key_subject).exists()
    assert requests("wrap", "unavailable") == before + 1


def test_a_key_file_serves_as_well(environment: Callable[..., None], tmp_path: Path) -> None:
    path = tmp_path / "kek"
    path.write_text(OTHER_KEY.get_secret_value())
    path.chmod(0o600)
    environment(vault_local_key=None, vault_local_key_file=path)
    assert open_field(a_note(), "secret") == SECRET


def test_a_remembered_key_costs_no_request() -> None:
    note = a_note()
    before = requests("unwrap", "success")
    opened_keys.clear()
    for _ in range(3):
        open_field(note, "secret")
    assert requests("unwrap", "success") == before + 1


def test_an_altered_data_key_counts_as_refused() -> None:
    note = a_note()
    DataKey.objects.of_subject(note.key_subject).update(wrapped=bytes(60))
    opened_keys.clear()
    before = requests("unwrap", "refused")
    with pytest.raises(Exception, match="refused"):
        open_field(note, "secret")
    assert requests("unwrap", "refused") == before + 1


def test_the_time_of_a_request_is_measured() -> None:
    labels = {"provider": "local", "operation": "wrap"}
    name = "gatehouse_kms_request_duration_seconds_count"
    before = REGISTRY.get_sample_value(name, labels) or 0.0
    a_note()
    assert REGISTRY.get_sample_value(name, labels) == before + 1


def test_a_key_destroyed_while_it_is_being_made_is_not_replaced_by_plaintext(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between insert and read a shredding can come: the sealing fails, it does not go on without a key."""
    from config.vault.models import DataKeyQuerySet

    monkeypatch.setattr(DataKeyQuerySet, "live", lambda self: self.none())
    note = Note(owner=a_subject().id)
    with pytest.raises(KeyDestroyedError):
        seal_field(note, "secret", SECRET)
    assert note.secret is None


def test_changing_the_provider_leaves_every_secret_readable(
    environment: Callable[..., None], transit: TransitServer
) -> None:
    old = a_note()
    environment(**transit_settings(transit))
    opened_keys.clear()
    new = a_note()
    assert DataKey.objects.of_subject(new.key_subject).get().provider == "vault"
    assert [open_field(note, "secret") for note in (old, new)] == [SECRET, SECRET]
    assert requests("unwrap", "success") > 0


def test_previous_local_keys_open_what_they_wrapped(
    environment: Callable[..., None], tmp_path: Path
) -> None:
    from django.conf import settings

    previous = settings.ENVIRONMENT.vault_local_key
    assert previous is not None
    note = a_note()
    opened_keys.clear()
    environment(vault_local_key=OTHER_KEY, vault_local_previous_keys=previous)
    assert open_field(note, "secret") == SECRET
    opened_keys.clear()
    file = tmp_path / "previous"
    file.write_text(f"{OTHER_KEY.get_secret_value()}\n{previous.get_secret_value()}\n")
    file.chmod(0o600)
    environment(
        vault_local_key=OTHER_KEY,
        vault_local_previous_keys=None,
        vault_local_previous_key_file=file,
    )
    assert open_field(note, "secret") == SECRET


def test_a_row_that_names_a_provider_nobody_knows_is_not_guessed_at() -> None:
    note = a_note()
    DataKey.objects.of_subject(note.key_subject).update(provider="plaintext")
    opened_keys.clear()
    with pytest.raises(VaultUnavailableError, match="plaintext"):
        open_field(note, "secret")


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"vault_provider": "aws"}, "VAULT_AWS_KEY_ID"),
        ({"vault_provider": "vault"}, "VAULT_ADDR"),
        ({"vault_provider": "vault", "vault_addr": "https://vault.example"}, "VAULT_TOKEN"),
        (
            {
                "vault_provider": "vault",
                "vault_addr": "https://vault.example",
                "vault_token": OTHER_KEY,
                "vault_role_id": "role",
                "vault_secret_id": OTHER_KEY,
            },
            "one of VAULT_TOKEN",
        ),
    ],
)
def test_a_service_that_lacks_a_setting_says_which(
    environment: Callable[..., None], changes: dict[str, Any], lacking: str
) -> None:
    environment(**changes)
    with pytest.raises(VaultUnavailableError, match=lacking) as caught:
        kms.current()
    assert caught.value.headers == {"Retry-After": "5"}
    assert caught.value.detail == ""


def test_a_service_in_aws_serves_as_well(
    environment: Callable[..., None], aws_kms: Any, kms_url: str
) -> None:
    key = aws_kms.create_key()["KeyMetadata"]["Arn"]
    environment(**aws_settings(kms_url, key))
    note = a_note()
    opened_keys.clear()
    assert open_field(note, "secret") == SECRET
    assert DataKey.objects.of_subject(note.key_subject).get().kek == kms.current()
