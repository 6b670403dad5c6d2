from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr
from rest_framework.test import APIClient

from accounts.models import SigningKey, User
from accounts.services import signing_keys
from accounts.tests import openid_provider
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.openid_provider import AtProvider
from authz.tests import shipped_rules
from config import redis
from events.domain import DomainEvent
from events.signals import domain_event

APPS = ("https://app.example.com/signed-in?from=gatehouse", "http://127.0.0.1:*/signed-in")


@pytest.fixture(autouse=True)
def no_rate_limit_left_over() -> Iterator[None]:
    """Each test starts with full buckets."""
    for key in redis.client().scan_iter(redis.key("ratelimit", "*")):
        redis.client().delete(key)
    yield


@pytest.fixture
def signing_key(db: None) -> SigningKey:
    """An active signing key."""
    return signing_keys.ensure_first()


@pytest.fixture
def heard() -> Iterator[list[DomainEvent]]:
    """The domain events that were emitted during the test, in order."""
    events: list[DomainEvent] = []

    def listen(event: DomainEvent, **_: Any) -> None:
        events.append(event)

    domain_event.connect(listen)
    yield events
    domain_event.disconnect(listen)


@pytest.fixture
def ready(db: None) -> None:
    """The roles, policies and signing key that `bootstrap` installs."""
    shipped_rules.install()
    signing_keys.ensure_first()


@dataclass
class SignedIn:
    """A person with real tokens, and a client that sends the access token."""

    user: User
    client: APIClient
    tokens: dict[str, Any]

    @property
    def refresh_token(self) -> str:
        return str(self.tokens["refresh_token"])


SignIn = Callable[..., SignedIn]


def post(client: APIClient, path: str, body: dict[str, Any], **extra: Any) -> Any:
    return client.post(path, body, format="json", **extra)


@pytest.fixture
def sign_in(ready: None) -> SignIn:
    """Sign somebody in through the API."""

    def build(user: User | None = None, **login: Any) -> SignedIn:
        person: User = user or UserFactory.create(password=PASSWORD)
        answer = post(
            APIClient(), "/v1/auth/login", {"email": person.email, "password": PASSWORD, **login}
        )
        assert answer.status_code == 200, answer.content
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
        return SignedIn(person, client, answer.json())

    return build


@pytest.fixture
def google(environment: Callable[..., None]) -> Iterator[AtProvider]:
    """A provider in the place of Google, set up as `google`; apps are registered at the two addresses of `APPS`."""
    with openid_provider.running() as provider:
        environment(
            google_client_id=openid_provider.CLIENT_ID,
            google_client_secret=SecretStr(openid_provider.CLIENT_SECRET),
            google_server_url=provider.issuer,
            handoff_redirect_uris=list(APPS),
        )
        yield AtProvider(provider)
