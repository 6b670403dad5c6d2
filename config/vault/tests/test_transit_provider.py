"""HashiCorp Vault and OpenBao: the states a server can be in, the ways to be known to it, and its versions of a key."""

import socket
from pathlib import Path

import pytest

from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.base import WrappedKey
from config.vault.providers.transit import TransitProvider
from config.vault.providers.transit_login import (
    AppRole,
    GivenToken,
    Login,
    Server,
    TokenFile,
    TokenSource,
)
from config.vault.tests.transit_server import TransitKey, TransitServer

DEK = bytes(32)
CONTEXT = "user:usr_1"


def over(
    transit: TransitServer,
    source: TokenSource | None = None,
    *,
    address: str = "",
    namespace: str | None = None,
    timeout: float = 5,
    key: str = "gatehouse",
) -> TransitProvider:
    server = Server(
        address=address or transit.url, namespace=namespace, certificates=None, timeout=timeout
    )
    login = Login(server, source or GivenToken(transit.token))
    return TransitProvider(login=login, mount="transit", key=key, attempts=2)


def test_the_key_s_version_is_the_data_key_s(transit: TransitServer) -> None:
    provider = over(transit)
    old = provider.wrap(DEK, context=CONTEXT)
    transit.keys["gatehouse"].rotate()
    new = provider.wrap(DEK, context=CONTEXT)
    assert (old.kek.id, old.kek.version, new.kek.version) == ("transit/gatehouse", 1, 2)
    assert provider.current() == new.kek
    assert provider.unwrap(old, context=CONTEXT) == DEK


def test_wrapping_again_happens_inside_the_server(transit: TransitServer) -> None:
    provider = over(transit)
    old = provider.wrap(DEK, context=CONTEXT)
    transit.keys["gatehouse"].rotate()
    transit.journal.clear()
    new = provider.rewrap(old, context=CONTEXT)
    assert transit.journal == ["/v1/transit/rewrap/gatehouse"]
    assert new.kek.version == 2
    transit.keys["gatehouse"].oldest_allowed = 2
    assert provider.unwrap(new, context=CONTEXT) == DEK


def test_another_key_of_the_server_takes_over(transit: TransitServer) -> None:
    old = over(transit).wrap(DEK, context=CONTEXT)
    transit.keys["successor"] = TransitKey()
    provider = over(transit, key="successor")
    assert provider.unwrap(old, context=CONTEXT) == DEK
    new = provider.rewrap(old, context=CONTEXT)
    assert new.kek.id == "transit/successor"
    del transit.keys["gatehouse"]
    assert provider.unwrap(new, context=CONTEXT) == DEK


def test_a_key_that_would_ignore_the_subject_wraps_nothing(transit: TransitServer) -> None:
    transit.keys["gatehouse"].derived = False
    with pytest.raises(VaultUnavailableError, match="derived=true"):
        over(transit).wrap(DEK, context=CONTEXT)
    assert "/v1/transit/encrypt/gatehouse" not in transit.journal


@pytest.mark.parametrize("disable", ["too old", "too new"])
def test_a_version_that_the_server_does_not_let_us_use_is_no_broken_secret(
    transit: TransitServer, disable: str
) -> None:
    key = transit.keys["gatehouse"]
    key.rotate()
    wrapped = over(transit).wrap(DEK, context=CONTEXT)
    if disable == "too old":
        key.oldest_allowed = 3
    else:
        key.versions.pop()
    with pytest.raises(VaultUnavailableError):
        over(transit).unwrap(wrapped, context=CONTEXT)


def test_a_key_that_is_gone_is_no_broken_secret(transit: TransitServer) -> None:
    wrapped = over(transit).wrap(DEK, context=CONTEXT)
    transit.keys.clear()
    with pytest.raises(VaultUnavailableError):
        over(transit).unwrap(wrapped, context=CONTEXT)


def test_a_sealed_server_is_away_until_it_is_unsealed(transit: TransitServer) -> None:
    provider = over(transit)
    wrapped = provider.wrap(DEK, context=CONTEXT)
    transit.sealed = True
    with pytest.raises(VaultUnavailableError, match="VaultDown"):
        provider.unwrap(wrapped, context=CONTEXT)
    transit.sealed = False
    assert provider.unwrap(wrapped, context=CONTEXT) == DEK


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_that_stumbles_once_is_asked_again(transit: TransitServer, status: int) -> None:
    provider = over(transit)
    wrapped = provider.wrap(DEK, context=CONTEXT)
    transit.failing = [status]
    assert provider.unwrap(wrapped, context=CONTEXT) == DEK


@pytest.mark.parametrize("status", [307, 412, 418, 429, 500, 501, 502, 503])
def test_a_server_that_goes_on_stumbling_is_away(transit: TransitServer, status: int) -> None:
    provider = over(transit)
    wrapped = provider.wrap(DEK, context=CONTEXT)
    transit.journal.clear()
    transit.failing = [status] * 9
    with pytest.raises(VaultUnavailableError):
        provider.unwrap(wrapped, context=CONTEXT)
    assert len(transit.journal) <= 2


def test_an_answer_that_is_something_else_is_no_key(
    transit: TransitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = over(transit)
    wrapped = provider.wrap(DEK, context=CONTEXT)
    monkeypatch.setattr(transit, "answer", lambda *_: {"hello": "I am a proxy"})
    with pytest.raises(VaultUnavailableError, match="something else"):
        provider.unwrap(wrapped, context=CONTEXT)
    with pytest.raises(VaultUnavailableError, match="something else"):
        provider.wrap(DEK, context=CONTEXT)


def test_nobody_listening_is_a_server_that_is_away(transit: TransitServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(VaultUnavailableError, match="ConnectionError"):
        over(transit, address=url).wrap(DEK, context=CONTEXT)


def test_a_server_that_does_not_answer_is_waited_for_so_long_and_no_longer(
    transit: TransitServer,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(VaultUnavailableError, match="ReadTimeout"):
            over(transit, address=url, timeout=0.05).wrap(DEK, context=CONTEXT)


def test_a_token_that_has_ended_is_a_server_that_is_away(transit: TransitServer) -> None:
    provider = over(transit)
    transit.end_tokens()
    with pytest.raises(VaultUnavailableError, match="refuses our token"):
        provider.wrap(DEK, context=CONTEXT)


def test_an_approle_logs_in_again_when_its_token_has_ended(transit: TransitServer) -> None:
    provider = over(transit, AppRole(transit.ROLE_ID, transit.SECRET_ID))
    wrapped = provider.wrap(DEK, context=CONTEXT)
    transit.end_tokens()
    transit.journal.clear()
    assert provider.unwrap(wrapped, context=CONTEXT) == DEK
    assert transit.journal.count("/v1/auth/approle/login") == 1


def test_an_approle_that_is_not_let_in_is_a_server_that_is_away(transit: TransitServer) -> None:
    with pytest.raises(VaultUnavailableError, match="does not log us in") as caught:
        over(transit, AppRole(transit.ROLE_ID, "not-the-secret-id")).wrap(DEK, context=CONTEXT)
    assert "not-the-secret-id" not in f"{caught.value} {caught.value.__cause__!r}"


def test_a_token_file_is_read_again_when_its_token_is_refused(
    transit: TransitServer, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(transit.token + "\n")
    provider = over(transit, TokenFile(file))
    wrapped = provider.wrap(DEK, context=CONTEXT)
    transit.end_tokens()
    file.write_text(transit.new_token())
    assert provider.unwrap(wrapped, context=CONTEXT) == DEK


def test_a_token_file_that_is_not_there_is_a_server_that_is_away(
    transit: TransitServer, tmp_path: Path
) -> None:
    with pytest.raises(VaultUnavailableError, match="VAULT_TOKEN_FILE"):
        over(transit, TokenFile(tmp_path / "nowhere")).wrap(DEK, context=CONTEXT)


def test_the_namespace_goes_along(transit: TransitServer) -> None:
    transit.namespace = "trading"
    assert over(transit, namespace="trading").wrap(DEK, context=CONTEXT).kek.version == 1
    with pytest.raises(VaultUnavailableError):
        over(transit).wrap(DEK, context=CONTEXT)


def test_what_transit_never_made_is_not_even_sent(transit: TransitServer) -> None:
    provider = over(transit)
    wrapped = provider.wrap(DEK, context=CONTEXT)
    transit.journal.clear()
    with pytest.raises(OpenFailedError):
        provider.unwrap(WrappedKey(kek=wrapped.kek, ciphertext=b"\xff" * 60), context=CONTEXT)
    assert transit.journal == []


def test_the_secret_of_a_source_does_not_show(transit: TransitServer) -> None:
    assert transit.token not in repr(GivenToken(transit.token))
    assert transit.SECRET_ID not in repr(AppRole(transit.ROLE_ID, transit.SECRET_ID))
