"""What every test may ask for."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from accounts.services import jwk
from accounts.tests.rsa_keys import fresh_rsa_key
from audit import vault_alarms
from audit.services import chunks
from authz.api import callers
from authz.api.callers import Authenticator, Presumed
from config.devstack.pytest_plugin import OWN_POSTGRES
from config.http.context import RequestContext, acting
from config.http.principal import Principal, ServiceUser
from config.tests.mmdb import ASNS, CITIES, write_mmdb
from config.vault.tests.outage import KeyService, WatchedKeyService
from tests.clean_database import left_as_it_was
from tests.replicated import replica, standby

__all__ = ["replica", "standby"]  # fixtures from elsewhere

hypothesis_settings.register_profile("gatehouse", deadline=None)  # a busy machine is no failure
hypothesis_settings.load_profile("gatehouse")

ApiClientFactory = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def fresh_context() -> Iterator[None]:
    """What one test learns of a caller, and what it leaves to be told at a request's end, no other hears of."""
    vault_alarms.forget()
    with acting(RequestContext()):
        yield


@pytest.fixture
def api() -> ApiClientFactory:
    """`api()` is a stranger, `api(user)` that person, `api(service="ticker", scopes={…})` a service client.

    `acr="mfa"` proves a fresh second factor, as does whoever holds scopes unless `acr` says otherwise; `bound` is a
    client that is tied to networks or a certificate. The caller is taken as authenticated: how tokens do that is
    tested where tokens are made.
    """

    def build(
        user: Any = None,
        *,
        service: str = "",
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        acr: str = "",
        bound: bool = False,
    ) -> APIClient:
        client = APIClient()
        acr = acr or ("mfa" if scopes else "pwd")
        if service:
            principal = Principal(
                type="service",
                id=service,
                client_id=service,
                scopes=frozenset(scopes),
                bound=bound,
            )
            _authenticate(client, ServiceUser(service), principal)
        elif user is not None:
            principal = Principal(
                type="user",
                id=user.public_id,
                scopes=frozenset(scopes),
                roles=frozenset(roles),
                acr=acr,
                amr=("pwd", "otp") if acr == "mfa" else ("pwd",),
                auth_time=timezone.now(),
            )
            _authenticate(client, user, principal)
        return client

    return build


class _ForcedCallers:
    """Plain views believe the tests' `force_authenticate` as DRF's views do, and everybody else as ever."""

    def __init__(self, real: Authenticator) -> None:
        self.real = real
        self.stamp = real.stamp

    def presume(self, token: str) -> Presumed | None:
        return self.real.presume(token)

    def authenticate(self, request: HttpRequest, token: str, *, stamp: str) -> Principal:
        forced: Principal | None = getattr(request, "_force_auth_token", None)
        if forced is not None:
            return forced
        return self.real.authenticate(request, token, stamp=stamp)


@pytest.fixture(autouse=True)
def _callers_may_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        callers._registered, "authenticator", _ForcedCallers(callers.authenticator())
    )


def _authenticate(client: APIClient, user: Any, token: Any) -> None:
    client.force_authenticate(user=user, token=token)
    client.credentials(HTTP_AUTHORIZATION="Bearer forced")  # plain views look for one


@pytest.fixture
def environment(settings: Any) -> Callable[..., None]:
    """`environment(refresh_grace=0)` changes variables of the environment for one test."""

    def change(**changes: Any) -> None:
        settings.ENVIRONMENT = django_settings.ENVIRONMENT.model_copy(update=changes)

    return change


@pytest.fixture
def key_service(environment: Callable[..., None]) -> KeyService:
    """`key_service.leave()` takes the vault's key service away."""
    return KeyService(environment)


@pytest.fixture
def watched_key_service(
    environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> WatchedKeyService:
    """`watched_key_service.asked` tells what was asked of it, and what in a transaction."""
    return WatchedKeyService(environment, monkeypatch)


@pytest.fixture
def mapped(tmp_path: Path, environment: Callable[..., None]) -> Path:
    """The addresses of `config.tests.mmdb` have places and networks; the folder that holds the two files."""
    environment(
        geoip_path=write_mmdb(tmp_path / "city.mmdb", CITIES),
        geoip_asn_path=write_mmdb(tmp_path / "asn.mmdb", ASNS, kind="Test-ASN"),
        watched_file_interval=0,
    )
    return tmp_path


@pytest.fixture
def native_partitions(db: None) -> None:
    """For a test of the partitions themselves."""
    if chunks.in_use():
        pytest.skip("the trail is a hypertable here")


@pytest.fixture
def hypertable(db: None) -> None:
    """For a test of the hypertable itself."""
    if not chunks.in_use():
        pytest.skip("no TimescaleDB: set DATABASE_URL to one that has the extension in template1")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """Databases on a server of the run's own go with its folder.

    Dropping them one by one before that fails as soon as a killed process's session lingers.
    """
    return django_db_keepdb or os.environ.get(OWN_POSTGRES) == os.environ["DATABASE_URL"]


@pytest.fixture(scope="session", autouse=True)
def _rsa_keys_take_no_time() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cast("Any", jwk.FRESH), "RS256", fresh_rsa_key)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests with real transactions clean up in a way that takes milliseconds."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(left_as_it_was())
        yield
