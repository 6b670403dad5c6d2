"""The console's page of service clients."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ClientSecret, ServiceClient
from accounts.services import service_clients
from accounts.services.client_authentication import PresentedSecret, authenticate
from accounts.services.service_clients import ClientKeys, IssuedSecret
from accounts.tests.client_keys import jwks, key_pair
from accounts.tests.console.conftest import AtConsole
from audit.models import AuthEvent
from config.http.tests.test_client_certificate import PEM, THUMBPRINT

LIST = reverse("admin:accounts_serviceclient_changelist")
ADD = reverse("admin:accounts_serviceclient_add")


@pytest.fixture
def browser(at_console: AtConsole) -> Client:
    return at_console("admin")


@pytest.fixture
def ticker(db: None) -> IssuedSecret:
    return service_clients.create(name="Ticker", client_id="ticker", scopes=["authz:check"])


def act(browser: Client, action: str, *clients: ServiceClient, follow: bool = True) -> Any:
    chosen = [str(client.pk) for client in clients]
    return browser.post(LIST, {"action": action, "_selected_action": chosen}, follow=follow)


def shown_secret(answer: Any) -> str:
    secret: str = answer.context["issued"].secret
    assert secret in answer.content.decode()
    return secret


def proves(client_id: str, secret: str) -> bool:
    presented = PresentedSecret(client_id=client_id, secret=secret, method="client_secret_post")
    return authenticate(presented).client_id == client_id


def test_adding_a_client_shows_its_secret_once_and_nowhere_else(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = browser.post(
        ADD, {"name": "Ticker", "client_id": "ticker", "scopes": ["authz:check", "events:read"]}
    )

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    secret = shown_secret(answer)
    assert proves("ticker", secret)
    assert ServiceClient.objects.get().scopes == ["authz:check", "events:read"]
    client = ServiceClient.objects.get()
    page = reverse("admin:accounts_serviceclient_change", args=[client.pk])
    for address in (LIST, page):
        assert secret not in browser.get(address).content.decode()
    assert secret not in str(dict(browser.session))
    assert secret not in str(browser.cookies)
    assert secret not in caplog.text


def test_an_id_left_empty_is_made_from_the_name(browser: Client) -> None:
    browser.post(ADD, {"name": "Price ticker", "client_id": "", "scopes": ["authz:check"]})

    assert ServiceClient.objects.get().client_id.startswith("price-ticker-")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"client_id": "No Good"}, "client_id"),
        ({"client_id": "ticker"}, "client_id"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    browser: Client, ticker: IssuedSecret, fields: dict[str, Any], field: str
) -> None:
    good = {"name": "Other", "client_id": "other", "scopes": ["authz:check"]}

    answer = browser.post(ADD, {**good, **fields})

    assert list(answer.context["adminform"].form.errors) == [field]
    assert ServiceClient.objects.count() == 1


def change(browser: Client, client: ServiceClient, **fields: Any) -> Any:
    page = reverse("admin:accounts_serviceclient_change", args=[client.pk])
    form = browser.get(page).context["inline_admin_formsets"][0].formset.management_form
    return browser.post(
        page,
        {
            "name": "Ticker",
            "scopes": ["authz:check"],
            **fields,
            **{f"secrets-{name}": value for name, value in form.initial.items()},
        },
    )


def test_name_and_scopes_are_changed_and_the_id_is_not(
    browser: Client, ticker: IssuedSecret
) -> None:
    change(browser, ticker.client, name="Renamed", client_id="other", scopes=["events:read"])

    client = ServiceClient.objects.get()
    assert (client.client_id, client.name, client.scopes) == ("ticker", "Renamed", ["events:read"])


def test_keys_and_bindings_are_changed_and_shown(browser: Client, ticker: IssuedSecret) -> None:
    keys = jwks(key_pair("ES256"))

    answer = change(
        browser,
        ticker.client,
        jwks=json.dumps(keys),
        networks="10.4.0.0/16\r\n2001:db8::/32",
        certificates=f"{PEM}\n{'A' * 43}",
    )

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    client = ServiceClient.objects.get()
    assert (client.jwks, client.jwks_url) == (keys, "")
    assert client.networks == ["10.4.0.0/16", "2001:db8::/32"]
    assert client.certificates == sorted([THUMBPRINT, "A" * 43])
    row = AuthEvent.objects.get(event_type="client.updated")
    assert row.metadata["changed"] == ["jwks", "networks", "certificates"]
    assert row.actor_type == "user"
    page = browser.get(reverse("admin:accounts_serviceclient_change", args=[client.pk]))
    for shown in ("10.4.0.0/16\n2001:db8::/32", THUMBPRINT, keys["keys"][0]["x"]):
        assert shown in page.content.decode()


def test_saving_the_page_as_it_is_changes_nothing(browser: Client, ticker: IssuedSecret) -> None:
    service_clients.update(
        client_id="ticker",
        keys=ClientKeys(jwks=jwks(key_pair("ES256"))),
        networks=["10.4.0.0/16"],
        certificates=["A" * 43],
    )
    page = reverse("admin:accounts_serviceclient_change", args=[ticker.client.pk])
    form = browser.get(page).context["adminform"].form
    shown = {name: form[name].value() for name in ("jwks", "jwks_url", "networks", "certificates")}

    assert change(browser, ticker.client, **shown).status_code == 302
    assert AuthEvent.objects.filter(event_type="client.updated").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("jwks", "not json"),
        ("jwks", '{"keys": []}'),
        ("jwks_url", "http://example.com/"),
        ("networks", "everywhere"),
        ("networks", "0.0.0.0/0"),
        ("certificates", "nonsense"),
        ("certificates", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"),
    ],
)
def test_keys_and_bindings_that_cannot_be_are_told_at_their_field(
    browser: Client, ticker: IssuedSecret, field: str, value: str
) -> None:
    answer = change(browser, ticker.client, **{field: value})

    assert list(answer.context["adminform"].form.errors) == [field]
    client = ServiceClient.objects.get()
    assert (client.networks, client.certificates, client.has_keys) == ([], [], False)


def test_secrets_are_ended_where_keys_remain(browser: Client, ticker: IssuedSecret) -> None:
    told = act(browser, "end_secrets", ticker.client).content.decode()
    assert "The service client has no keys" in told
    service_clients.update(client_id="ticker", keys=ClientKeys(jwks=jwks(key_pair("ES256"))))

    assert "has no secret any more" in act(browser, "end_secrets", ticker.client).content.decode()
    assert ClientSecret.objects.get().state == "ended"


def test_a_new_secret_is_shown_once(browser: Client, ticker: IssuedSecret) -> None:
    answer = act(browser, "rotate_secret", ticker.client)

    secret = shown_secret(answer)
    assert "no-store" in answer["Cache-Control"]
    assert secret != ticker.secret
    assert proves("ticker", secret)


def test_new_secrets_are_made_one_at_a_time(browser: Client, ticker: IssuedSecret) -> None:
    other = service_clients.create(name="o", client_id="other", scopes=["authz:check"]).client

    answer = act(browser, "rotate_secret", ticker.client, other)

    assert "Choose one client" in answer.content.decode()
    assert ClientSecret.objects.count() == 2


def test_clients_are_disabled_and_enabled(browser: Client, ticker: IssuedSecret) -> None:
    assert "ticker is disabled" in act(browser, "disable", ticker.client).content.decode()
    assert not ServiceClient.objects.get().enabled
    refused = act(browser, "rotate_secret", ticker.client)
    assert "The service client is disabled" in refused.content.decode()

    act(browser, "enable", ticker.client)
    assert ServiceClient.objects.get().enabled


def test_who_may_not_write_sees_and_changes_nothing(
    at_console: AtConsole, ticker: IssuedSecret
) -> None:
    browser = at_console("support")
    page = reverse("admin:accounts_serviceclient_change", args=[ticker.client.pk])

    assert browser.get(LIST).status_code == 200
    assert browser.get(ADD).status_code == 403
    assert browser.post(page, {"name": "x", "scopes": ["audit:read"]}).status_code == 403
    for action in ("rotate_secret", "end_secrets", "disable"):
        act(browser, action, ticker.client)

    client = ServiceClient.objects.get()
    assert (client.name, client.enabled, client.secrets.count()) == ("Ticker", True, 1)


def test_clients_are_never_deleted(browser: Client, ticker: IssuedSecret) -> None:
    page = reverse("admin:accounts_serviceclient_delete", args=[ticker.client.pk])

    assert browser.post(page, {"post": "yes"}).status_code == 403
    assert ServiceClient.objects.exists()


@pytest.mark.parametrize("action", ["rotate_secret", "end_secrets"])
def test_secrets_change_with_a_fresh_second_factor_only(
    browser: Client, ticker: IssuedSecret, action: str
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        led = act(browser, action, ticker.client, follow=False)
    assert led["Location"].startswith(reverse("prove-yourself"))
    assert ticker.client.secrets.count() == 1
