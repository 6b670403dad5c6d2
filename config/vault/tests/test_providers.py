"""What every key service must do, whoever it is: asked of each over its real protocol."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from config.vault.errors import OpenFailedError
from config.vault.providers.aws import AWSProvider
from config.vault.providers.base import KEK, KeyProvider, WrappedKey
from config.vault.providers.local import LocalProvider
from config.vault.providers.transit import TransitProvider
from config.vault.providers.transit_login import GivenToken, Login, Server
from config.vault.tests.key_services import REGION
from config.vault.tests.transit_server import TransitServer

DEK = bytes(range(32, 64))
ALICE, BOB = "user:usr_alice", "user:usr_bob"


def a_local(_: pytest.FixtureRequest) -> KeyProvider:
    return LocalProvider(os.urandom(32))


def an_aws(request: pytest.FixtureRequest) -> KeyProvider:
    key = request.getfixturevalue("aws_kms").create_key()["KeyMetadata"]["KeyId"]
    url = request.getfixturevalue("kms_url")
    return AWSProvider(key_id=key, region=REGION, endpoint_url=url, timeout=30, attempts=1)


def a_transit(request: pytest.FixtureRequest) -> KeyProvider:
    server: TransitServer = request.getfixturevalue("transit")
    return over_transit(server.url, server.token)


def over_transit(
    url: str, token: str, *, key: str = "gatehouse", namespace: str | None = None
) -> TransitProvider:
    server = Server(address=url, namespace=namespace, certificates=None, timeout=30)
    return TransitProvider(
        login=Login(server, GivenToken(token)), mount="transit", key=key, attempts=1
    )


def a_real_transit(_: pytest.FixtureRequest) -> KeyProvider:
    """Somebody's own server: `VAULT_ADDR`, `VAULT_TOKEN`, and a derived transit key called gatehouse-tests."""
    if "VAULT_ADDR" not in os.environ:
        pytest.skip("no VAULT_ADDR: not tried against a real HashiCorp Vault or OpenBao")
    return over_transit(
        os.environ["VAULT_ADDR"],
        os.environ["VAULT_TOKEN"],
        key="gatehouse-tests",
        namespace=os.environ.get("VAULT_NAMESPACE"),
    )


@pytest.fixture(
    params=[a_local, an_aws, a_transit, a_real_transit],
    ids=["local", "aws", "vault", "real vault"],
)
def provider(request: pytest.FixtureRequest) -> KeyProvider:
    make: Callable[[Any], KeyProvider] = request.param
    return make(request)


def with_bytes(wrapped: WrappedKey, ciphertext: bytes) -> WrappedKey:
    return WrappedKey(kek=wrapped.kek, ciphertext=ciphertext)


def test_what_it_wrapped_it_unwraps(provider: KeyProvider) -> None:
    assert provider.unwrap(provider.wrap(DEK, context=ALICE), context=ALICE) == DEK


def test_the_wrapped_key_is_not_the_key(provider: KeyProvider) -> None:
    assert DEK not in provider.wrap(DEK, context=ALICE).ciphertext


def test_it_wraps_under_the_key_that_it_says_is_current(provider: KeyProvider) -> None:
    kek = provider.wrap(DEK, context=ALICE).kek
    assert kek == provider.current()
    assert kek.provider == provider.name


def test_a_key_wrapped_for_one_subject_does_not_unwrap_for_another(provider: KeyProvider) -> None:
    wrapped = provider.wrap(DEK, context=ALICE)
    with pytest.raises(OpenFailedError, match="refused"):
        provider.unwrap(wrapped, context=BOB)


def test_nor_is_it_wrapped_again_for_another(provider: KeyProvider) -> None:
    wrapped = provider.wrap(DEK, context=ALICE)
    with pytest.raises(OpenFailedError, match="refused"):
        provider.rewrap(wrapped, context=BOB)


def test_wrapped_again_it_is_the_same_key_for_the_same_subject(provider: KeyProvider) -> None:
    wrapped = provider.wrap(DEK, context=ALICE)
    again = provider.rewrap(wrapped, context=ALICE)
    assert again.ciphertext != wrapped.ciphertext
    assert again.kek == provider.current()
    assert provider.unwrap(again, context=ALICE) == DEK
    with pytest.raises(OpenFailedError):
        provider.unwrap(again, context=BOB)


@pytest.mark.parametrize("position", [0, 9, 20, -1])
def test_a_flipped_bit_is_refused(provider: KeyProvider, position: int) -> None:
    wrapped = provider.wrap(DEK, context=ALICE)
    altered = bytearray(wrapped.ciphertext)
    altered[position] ^= 1
    with pytest.raises((OpenFailedError, Exception), match=r"refused|KMS answered|vault server"):
        provider.unwrap(with_bytes(wrapped, bytes(altered)), context=ALICE)


@pytest.mark.parametrize("text", [b"", b"vault:v1:", b"vault:v0:aaaa", DEK, b"\x01" * 96])
def test_what_it_never_made_is_never_taken_for_a_key(provider: KeyProvider, text: bytes) -> None:
    wrapped = provider.wrap(DEK, context=ALICE)
    with pytest.raises((OpenFailedError, Exception), match=r"refused|KMS|vault server"):
        provider.unwrap(with_bytes(wrapped, text), context=ALICE)


def test_it_does_not_show_what_it_holds(provider: KeyProvider) -> None:
    wrapped = provider.wrap(DEK, context=ALICE)
    assert "ciphertext" not in repr(wrapped)
    assert repr(wrapped.kek) == repr(
        KEK(provider=wrapped.kek.provider, id=wrapped.kek.id, version=wrapped.kek.version)
    )
