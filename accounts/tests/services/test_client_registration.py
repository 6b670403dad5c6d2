"""What a client is registered with beside its secret: keys, networks, certificates."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import (
    InvalidClientError,
    InvalidServiceClientError,
    ServiceClientExistsError,
    ServiceClientHasNoKeysError,
    ServiceClientNotFoundError,
)
from accounts.events.platform import ClientCreated, ClientUpdated
from accounts.models import ClientSecret, ServiceClient
from accounts.services import service_clients
from accounts.services.client_authentication import PresentedSecret, authenticate
from accounts.services.service_clients import ClientKeys
from accounts.tests.client_keys import jwks, key_pair
from audit.models import AuthEvent
from events.domain import DomainEvent

pytestmark = pytest.mark.django_db

KEYS = ClientKeys(jwks=jwks(key_pair("ES256")))
URL = ClientKeys(jwks_url="https://orders.example.com/jwks.json")
THUMBPRINT = "A" * 43


def make(**changes: Any) -> ServiceClient:
    arguments = {"name": "Orders", "scopes": ["authz:check"], "client_id": "orders", **changes}
    return service_clients.create(**arguments).client


def update(**changes: Any) -> ServiceClient:
    return service_clients.update(client_id="orders", **changes)


def faults_of(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidServiceClientError) as refusal:
        update(**changes)
    return [(fault.field, fault.code) for fault in refusal.value.errors]


def test_a_client_with_keys_gets_no_secret(heard: list[DomainEvent]) -> None:
    client = service_clients.create_with_keys(
        name="Orders",
        scopes=["authz:check"],
        client_id="orders",
        keys=URL,
        networks=["10.1.0.0/16"],
        certificates=[THUMBPRINT],
    )

    assert client.has_keys
    assert not ClientSecret.objects.exists()
    created = next(event for event in heard if isinstance(event, ClientCreated))
    assert created.changed == (
        "name",
        "scopes",
        "enabled",
        "jwks_url",
        "networks",
        "certificates",
    )


def test_a_client_without_a_secret_needs_keys() -> None:
    with pytest.raises(InvalidServiceClientError):
        service_clients.create_with_keys(name="o", scopes=["authz:check"], keys=ClientKeys())
    with pytest.raises(InvalidServiceClientError):
        service_clients.create_with_keys(
            name="o", scopes=["authz:check"], keys=ClientKeys(jwks={"keys": []})
        )

    assert not ServiceClient.objects.exists()


def test_ids_are_taken_for_clients_with_keys_too() -> None:
    make()

    with pytest.raises(ServiceClientExistsError):
        service_clients.create_with_keys(
            name="o", scopes=["authz:check"], client_id="orders", keys=KEYS
        )


def test_what_is_not_given_stays() -> None:
    make(networks=["10.1.0.0/16"])
    update(keys=KEYS)
    client = update(certificates=[THUMBPRINT])

    assert (client.name, client.scopes) == ("Orders", ["authz:check"])
    assert (client.jwks, client.jwks_url) == (KEYS.jwks, "")
    assert (client.networks, client.certificates) == (["10.1.0.0/16"], [THUMBPRINT])


def test_keys_in_one_place_replace_those_in_the_other() -> None:
    make()
    update(keys=KEYS)

    client = update(keys=URL)
    assert (client.jwks, client.jwks_url) == (None, URL.jwks_url)

    client = update(keys=ClientKeys())
    assert not client.has_keys


def test_each_change_is_told_by_what_changed_and_is_on_the_trail(
    heard: list[DomainEvent],
) -> None:
    make()
    update(keys=KEYS, networks=["10.1.0.0/16"])
    update(keys=KEYS, networks=["10.1.0.0/16"])
    update(keys=URL)
    update(networks=[], certificates=[THUMBPRINT])

    told = [event for event in heard if type(event) is ClientUpdated]
    assert [event.changed for event in told] == [
        ("jwks", "networks"),
        ("jwks", "jwks_url"),
        ("networks", "certificates"),
    ]
    rows = AuthEvent.objects.filter(event_type="client.updated").order_by("occurred_at")
    assert [row.metadata["changed"] for row in rows] == [list(event.changed) for event in told]


def test_the_trail_says_what_a_client_is_registered_with_from_then_on() -> None:
    make()
    update(scopes=["events:read"])
    assert not AuthEvent.objects.filter(event_type="client.registration_changed").exists()

    update(keys=KEYS, networks=["10.1.0.0/16"], certificates=[THUMBPRINT])

    row = AuthEvent.objects.get(event_type="client.registration_changed")
    assert row.metadata == {
        "client_id": "orders",
        "jwks_url": "",
        "key_ids": ["key-1"],
        "networks": ["10.1.0.0/16"],
        "certificates": [THUMBPRINT],
    }


def test_networks_are_kept_in_one_spelling() -> None:
    make()

    client = update(networks=["2001:0DB8::/32", " 10.1.0.0/16 ", "10.1.0.0/16", "192.0.2.7"])

    assert client.networks == ["10.1.0.0/16", "192.0.2.7/32", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"networks": ["nonsense"]}, ("networks", "invalid")),
        ({"networks": ["10.1.0.1/16"]}, ("networks", "invalid")),
        ({"networks": ["10.1.0.0/33"]}, ("networks", "invalid")),
        ({"networks": [""]}, ("networks", "invalid")),
        ({"networks": ["0.0.0.0/0"]}, ("networks", "too_wide")),
        ({"networks": ["128.0.0.0/1"]}, ("networks", "too_wide")),
        ({"networks": ["::/0"]}, ("networks", "too_wide")),
        ({"networks": [f"10.0.{n}.0/24" for n in range(51)]}, ("networks", "too_many")),
        ({"certificates": ["short"]}, ("certificates", "invalid")),
        ({"certificates": ["=" * 43]}, ("certificates", "invalid")),
        ({"certificates": ["A" * 64]}, ("certificates", "invalid")),
        ({"certificates": [f"{n}" * 43 for n in range(6)]}, ("certificates", "too_many")),
        ({"keys": ClientKeys(jwks={"keys": []})}, ("jwks", "invalid")),
        ({"keys": ClientKeys(jwks_url="http://orders.example.com/")}, ("jwks_url", "invalid")),
        ({"keys": ClientKeys(jwks_url="https://u:p@orders.example/")}, ("jwks_url", "invalid")),
        (
            {"keys": ClientKeys(jwks=KEYS.jwks, jwks_url=URL.jwks_url)},
            ("jwks_url", "conflict"),
        ),
    ],
)
def test_every_fault_is_told_at_its_field_and_nothing_changes(
    changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    make()

    assert faults_of(**changes) == [fault]
    client = ServiceClient.objects.get()
    assert (client.networks, client.certificates, client.has_keys) == ([], [], False)


def test_the_database_itself_refuses_keys_in_two_places_and_plain_http() -> None:
    client = make()

    for fields in (
        {"jwks": KEYS.jwks, "jwks_url": URL.jwks_url},
        {"jwks_url": "http://orders.example.com/"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceClient.objects.filter(pk=client.pk).update(**fields)


def test_secrets_end_when_keys_are_to_do(heard: list[DomainEvent]) -> None:
    secret = service_clients.create(name="o", scopes=["authz:check"], client_id="orders").secret
    replaced = service_clients.rotate_secret(client_id="orders").secret

    with pytest.raises(ServiceClientHasNoKeysError):
        service_clients.end_secrets(client_id="orders")
    update(keys=KEYS)
    for _ in range(2):
        service_clients.end_secrets(client_id="orders")

    for one in (secret, replaced):
        with pytest.raises(InvalidClientError):
            authenticate(
                PresentedSecret(client_id="orders", secret=one, method="client_secret_post")
            )
    told = [event.changed for event in heard if type(event) is ClientUpdated]
    assert told == [("jwks",), ("secret",)]


def test_an_unknown_client_cannot_be_changed() -> None:
    with pytest.raises(ServiceClientNotFoundError):
        update(name="x")
    with pytest.raises(ServiceClientNotFoundError):
        service_clients.end_secrets(client_id="orders")
