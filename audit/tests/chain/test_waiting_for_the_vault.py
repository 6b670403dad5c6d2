"""Nobody waits for a checkpoint's locks while the key service takes its time."""

from typing import Any

import pytest

from audit.chain import keys
from audit.chain.checkpoint_models import CheckpointKey
from audit.services.checkpoints import replace_key, sign_next
from audit.services.verification import verify
from audit.tests.factories import AuthEventFactory
from config.vault.tests.outage import WatchedKeyService
from tests.racing import at_once


@pytest.mark.django_db(transaction=True)
def test_signing_and_replacing_the_key_ask_it_outside_of_transactions(
    watched_key_service: WatchedKeyService,
) -> None:
    AuthEventFactory.create()
    for ask in (sign_next, sign_next, replace_key):
        watched_key_service.forget()
        ask()
        assert watched_key_service.asked
        assert set(watched_key_service.asked) <= {"wrap", "unwrap"}


@pytest.mark.django_db
def test_a_key_that_was_replaced_meanwhile_signs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    given = keys.signer
    replaced: list[str] = []

    def signer() -> Any:
        opened = given()
        if not replaced:
            replaced.append(replace_key())
        return opened

    monkeypatch.setattr(keys, "signer", signer)
    assert [sign_next().kid] == replaced
    assert list(verify().findings.named) == []


@pytest.mark.django_db(transaction=True)
def test_of_first_keys_that_are_made_at_once_one_is_kept() -> None:
    kids = {signer.kid for signer in at_once(*[keys.signer] * 4)}
    assert kids == {CheckpointKey.objects.get().kid}
