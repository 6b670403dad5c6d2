"""Service clients and their secrets: what is kept, what is told, and who wins a race."""

import hashlib
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import (
    InvalidClientError,
    InvalidServiceClientError,
    ServiceClientExistsError,
    ServiceClientNotFoundError,
)
from accounts.events.platform import (
    ClientCreated,
    ClientDisabled,
    ClientSecretRotated,
    ClientUpdated,
)
from accounts.models import ClientSecret, ServiceClient
from accounts.models.service_client import SecretState
from accounts.services import service_clients
from accounts.services.client_authentication import PresentedSecret, authenticate
from accounts.services.service_clients import IssuedSecret
from events.domain import DomainEvent
from tests.racing import at_once

pytestmark = pytest.mark.django_db


def make(client_id: str = "ticker", **changes: Any) -> IssuedSecret:
    arguments = {"name": "Ticker", "scopes": ["authz:check"], "client_id": client_id, **changes}
    return service_clients.create(**arguments)


def proves(secret: str, client_id: str = "ticker") -> bool:
    try:
        authenticate(
            PresentedSecret(client_id=client_id, secret=secret, method="client_secret_basic")
        )
    except InvalidClientError:
        return False
    return True


def test_a_secret_is_256_bits_and_only_its_hash_is_kept() -> None:
    issued = make()

    row = ClientSecret.objects.get()
    assert issued.secret.startswith("gh_cs_")
    assert len(issued.secret.removeprefix("gh_cs_")) == 43
    assert bytes(row.digest) == hashlib.sha256(issued.secret.encode()).digest()
    assert row.hint == issued.secret[-4:]
    assert issued.secret not in repr(vars(row))


def test_a_secret_does_not_show_itself() -> None:
    issued = make()
    presented = PresentedSecret(
        client_id="ticker", secret=issued.secret, method="client_secret_post"
    )

    assert issued.secret not in repr(issued)
    assert issued.secret not in repr(presented)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Price ticker", "price-ticker"),
        ("  Déjà vu! ", "deja-vu"),
        ("7 wonders", "client-7-wonders"),
        ("a_-_b", "a-b"),
        ("टिकर", "client"),
        ("x" * 100, "x" * 55),
    ],
)
def test_an_id_is_made_from_the_name_and_no_two_are_alike(name: str, stem: str) -> None:
    first, second = (make("", name=name).client.client_id for _ in range(2))

    assert first.startswith(f"{stem}-")
    assert len(first) == len(stem) + 9
    assert first != second


def test_every_fault_of_a_client_is_told_at_its_field() -> None:
    with pytest.raises(InvalidServiceClientError) as refusal:
        make("No Id", name="", scopes=["root", "authz:check"])

    assert [(fault.field, fault.code) for fault in refusal.value.errors] == [
        ("name", "invalid"),
        ("client_id", "invalid"),
        ("scopes", "unknown"),
    ]


def test_a_client_needs_a_scope() -> None:
    with pytest.raises(InvalidServiceClientError):
        make(scopes=[])


def test_an_id_in_use_is_refused_and_nothing_is_made() -> None:
    make()

    with pytest.raises(ServiceClientExistsError):
        make()

    assert ClientSecret.objects.count() == 1


def test_replaced_secrets_work_for_the_overlap_and_no_more_than_two_at_once(
    environment: Any,
) -> None:
    environment(client_secret_overlap=3600)
    with time_machine.travel("2026-05-01T12:00Z", tick=False) as clock:
        first = make().secret
        second = service_clients.rotate_secret(client_id="ticker")
        assert second.previous_until == timezone.now() + timedelta(hours=1)
        assert proves(first)
        assert proves(second.secret)

        third = service_clients.rotate_secret(client_id="ticker").secret
        assert [proves(secret) for secret in (first, second.secret, third)] == [False, True, True]

        clock.shift(3599)
        assert proves(second.secret)
        clock.shift(1)
        assert [proves(secret) for secret in (second.secret, third)] == [False, True]


def test_a_secret_proves_its_own_client_alone() -> None:
    mine, theirs = make(), make("other")

    assert proves(mine.secret)
    assert not proves(mine.secret, "other")
    assert not proves(theirs.secret)
    assert proves(theirs.secret, "other")


def test_the_hash_of_a_secret_is_no_secret() -> None:
    issued = make()

    assert not proves(hashlib.sha256(issued.secret.encode()).hexdigest())


def test_each_change_is_told_once_and_without_secrets(heard: list[DomainEvent]) -> None:
    secret = make().secret
    service_clients.update(client_id="ticker", name="Ticker", scopes=["authz:check"])
    service_clients.update(client_id="ticker", name="Ticker", scopes=["audit:read"])
    service_clients.rotate_secret(client_id="ticker")
    service_clients.disable(client_id="ticker")
    service_clients.disable(client_id="ticker")
    service_clients.enable(client_id="ticker")
    service_clients.enable(client_id="ticker")

    told = [event for event in heard if isinstance(event, ClientUpdated)]
    assert [(type(event), event.changed, event.audit_type) for event in told] == [
        (ClientCreated, ("name", "scopes", "enabled"), "client.created"),
        (ClientUpdated, ("scopes",), "client.updated"),
        (ClientSecretRotated, ("secret",), "client.secret_rotated"),
        (ClientDisabled, ("enabled",), "client.disabled"),
        (ClientUpdated, ("enabled",), "client.updated"),
    ]
    assert {(event.event_type, event.channel, event.aggregate_id) for event in told} == {
        ("client.updated", "platform.client.updated", "ticker")
    }
    assert told[1].data()["scopes"] == ["audit:read"]
    assert secret not in repr([event.data() for event in told])


@pytest.mark.parametrize(
    "change", [service_clients.rotate_secret, service_clients.disable, service_clients.enable]
)
def test_an_unknown_client_cannot_be_changed(change: Any) -> None:
    with pytest.raises(ServiceClientNotFoundError):
        change(client_id="nobody")


def test_a_change_that_is_not_acceptable_leaves_the_client_as_it_was() -> None:
    make()

    with pytest.raises(InvalidServiceClientError):
        service_clients.update(client_id="ticker", name="Ticker", scopes=["root"])

    assert ServiceClient.objects.get().scopes == ["authz:check"]


@pytest.mark.parametrize("client_id", ["usr_01h455vb4pex5vsknk084sn02q", "Ticker", "a--b", ""])
def test_the_database_itself_refuses_an_id_that_could_be_taken_for_another(client_id: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceClient.objects.create(client_id=client_id, name="x", scopes=["authz:check"])


def test_the_database_itself_refuses_a_third_living_secret() -> None:
    client = make().client
    service_clients.rotate_secret(client_id="ticker")

    for state, until in ((SecretState.CURRENT, None), (SecretState.OUTGOING, timezone.now())):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClientSecret.objects.create(
                client=client, digest=state.encode(), hint="abcd", state=state, expires_at=until
            )


@pytest.mark.django_db(transaction=True)
def test_ten_new_secrets_at_once_leave_one_current_and_one_outgoing() -> None:
    make()

    made = at_once(*[lambda: service_clients.rotate_secret(client_id="ticker").secret] * 10)

    secrets = [secret for secret in made if isinstance(secret, str)]
    assert len(secrets) == 10
    assert Counter(ClientSecret.objects.values_list("state", flat=True)) == {
        "current": 1,
        "outgoing": 1,
        "ended": 9,
    }
    assert sum(proves(secret) for secret in secrets) == 2
