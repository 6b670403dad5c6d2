"""AWS KMS: which of its answers mean that a secret is broken, and which that we cannot ask."""

import base64
import logging
import socket
from typing import Any

import pytest

from config.telemetry import planted_secrets
from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.aws import AWSProvider
from config.vault.providers.base import KEK, WrappedKey
from config.vault.tests.key_services import REGION

DEK = bytes(32)
CONTEXT = "user:usr_1"


def over_kms(url: str, key: str, *, timeout: float = 5) -> AWSProvider:
    return AWSProvider(key_id=key, region=REGION, endpoint_url=url, timeout=timeout, attempts=1)


@pytest.fixture
def key(aws_kms: Any) -> str:
    return str(aws_kms.create_key()["KeyMetadata"]["Arn"])


def test_the_subject_is_the_encryption_context(aws_kms: Any, kms_url: str, key: str) -> None:
    wrapped = over_kms(kms_url, key).wrap(DEK, context=CONTEXT)
    opened = aws_kms.decrypt(
        KeyId=key, CiphertextBlob=wrapped.ciphertext, EncryptionContext={"subject": CONTEXT}
    )
    assert opened["Plaintext"] == DEK


def test_an_alias_may_move_and_the_old_key_still_opens(
    aws_kms: Any, kms_url: str, key: str
) -> None:
    aws_kms.create_alias(AliasName="alias/moving", TargetKeyId=key)
    provider = over_kms(kms_url, "alias/moving")
    old = provider.wrap(DEK, context=CONTEXT)
    successor = aws_kms.create_key()["KeyMetadata"]
    aws_kms.update_alias(AliasName="alias/moving", TargetKeyId=successor["KeyId"])
    assert (old.kek.id, provider.current().id) == (key, successor["Arn"])
    assert provider.unwrap(old, context=CONTEXT) == DEK
    moved = provider.rewrap(old, context=CONTEXT)
    assert moved.kek.id == successor["Arn"]
    aws_kms.disable_key(KeyId=key.rpartition("/")[2])
    assert provider.unwrap(moved, context=CONTEXT) == DEK


def test_a_disabled_key_is_a_service_that_is_away(aws_kms: Any, kms_url: str, key: str) -> None:
    aws_kms.disable_key(KeyId=key.rpartition("/")[2])
    with pytest.raises(VaultUnavailableError, match="Disabled"):
        over_kms(kms_url, key).current()


def test_a_key_that_is_not_there_is_a_service_that_is_away(kms_url: str, key: str) -> None:
    provider = over_kms(kms_url, key)
    wrapped = provider.wrap(DEK, context=CONTEXT)
    elsewhere = KEK(provider="aws", id=key[:-12] + "000000000000", version=1)
    with pytest.raises(VaultUnavailableError, match="NotFound"):
        provider.unwrap(WrappedKey(kek=elsewhere, ciphertext=wrapped.ciphertext), context=CONTEXT)


def test_bytes_under_another_key_of_ours_do_not_open(aws_kms: Any, kms_url: str, key: str) -> None:
    other = aws_kms.create_key()["KeyMetadata"]["Arn"]
    wrapped = over_kms(kms_url, key).wrap(DEK, context=CONTEXT)
    relabelled = WrappedKey(
        kek=KEK(provider="aws", id=other, version=1), ciphertext=wrapped.ciphertext
    )
    # AWS says IncorrectKeyException, moto AccessDeniedException.
    with pytest.raises((OpenFailedError, VaultUnavailableError)):
        over_kms(kms_url, key).unwrap(relabelled, context=CONTEXT)


def test_nobody_listening_is_a_service_that_is_away(kms_url: str, key: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(VaultUnavailableError, match="EndpointConnectionError"):
        over_kms(url, key).wrap(DEK, context=CONTEXT)


def test_a_service_that_does_not_answer_is_waited_for_so_long_and_no_longer(
    kms_url: str, key: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(VaultUnavailableError, match="ReadTimeoutError"):
            over_kms(url, key, timeout=0.1).wrap(DEK, context=CONTEXT)


def test_without_credentials_it_is_away_and_nothing_of_them_is_told(
    kms_url: str, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(VaultUnavailableError, match="NoCredentialsError"):
        over_kms(kms_url, key).wrap(DEK, context=CONTEXT)


def test_the_library_s_own_log_shows_no_key_however_much_is_asked_for(
    kms_url: str, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    """At DEBUG botocore logs each request and answer whole, and the data key is in both."""
    secret = b"data key in the log? 32 bytes ok"
    spelled = base64.b64encode(secret).decode()
    planted_secrets.add(spelled)
    caplog.set_level(logging.DEBUG)
    provider = over_kms(kms_url, key)
    assert provider.unwrap(provider.wrap(secret, context=CONTEXT), context=CONTEXT) == secret
    assert spelled not in caplog.text
    assert logging.getLogger("botocore.endpoint").getEffectiveLevel() >= logging.INFO


def test_without_a_region_it_is_away(
    key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    provider = AWSProvider(key_id=key, region=None, endpoint_url=None, timeout=1, attempts=1)
    with pytest.raises(VaultUnavailableError, match="NoRegionError"):
        provider.wrap(DEK, context=CONTEXT)
