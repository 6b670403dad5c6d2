"""`manage.py service_client`"""

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ClientSecret, ServiceClient
from accounts.models.service_client import SecretState
from accounts.services.client_authentication import PresentedSecret, authenticate

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("service_client", *arguments, stdout=out)
    return out.getvalue()


def proves(client_id: str, secret: str) -> bool:
    presented = PresentedSecret(client_id=client_id, secret=secret, method="client_secret_post")
    return authenticate(presented).client_id == client_id


def test_create_prints_an_id_and_a_secret_that_work() -> None:
    made = json.loads(
        run("create", "Price ticker", "--scope", "events:read", "--scope", "authz:check", "--json")
    )

    assert re.fullmatch(r"price-ticker-[a-z2-7]{8}", made["client_id"])
    assert (made["name"], made["scopes"]) == ("Price ticker", ["authz:check", "events:read"])
    assert proves(made["client_id"], made["client_secret"])


def test_create_takes_an_id_that_policies_can_name() -> None:
    told = run("create", "ticker", "--id", "ticker", "--scope", "authz:check")

    assert "client_id: ticker" in told
    assert re.search(r"client_secret: gh_cs_[\w-]{43}$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["create", "t", "--scope", "everything"], "There is no scope everything"),
        (["create", "t", "--scope", "authz:check", "--id", "usr_1"], "client_id"),
        (["create", "t", "--scope", "authz:check", "--id", "T"], "client_id"),
        (["create", "t", "--scope", "authz:check", "--id", "t" * 65], "client_id"),
        (["create", " ", "--scope", "authz:check", "--id", "t"], "name"),
        (["create", "t" * 101, "--scope", "authz:check"], "name"),
        (["create", "a\nb", "--scope", "authz:check"], "name"),
        (["create", "t"], "--scope"),
        (["rotate-secret", "nobody"], "No such service client"),
        (["disable", "nobody"], "No such service client"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    arguments: list[str], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        run(*arguments)

    assert not ServiceClient.objects.exists()


def test_an_id_is_never_given_twice() -> None:
    run("create", "ticker", "--id", "ticker", "--scope", "authz:check")
    run("disable", "ticker")

    with pytest.raises(CommandError, match="ticker is taken"):
        run("create", "other", "--id", "ticker", "--scope", "authz:check")


def test_list_shows_clients_and_never_a_secret() -> None:
    assert "No service client yet" in run("list")
    secret = json.loads(
        run("create", "ticker", "--id", "ticker", "--scope", "authz:check", "--json")
    )["client_secret"]
    run("create", "Feed", "--id", "feed", "--scope", "events:read")
    run("disable", "feed")

    assert run("list").splitlines() == [
        "feed  disabled  Feed  events:read",
        "ticker  enabled   ticker  authz:check",
    ]
    assert secret not in run("list", "--json")
    assert json.loads(run("list", "--json"))[1] == {
        "client_id": "ticker",
        "name": "ticker",
        "enabled": True,
        "scopes": ["authz:check"],
        "keys": "",
        "networks": [],
        "certificates": [],
    }


def test_rotate_secret_prints_a_new_one_and_how_long_the_old_one_works() -> None:
    old = json.loads(run("create", "t", "--id", "t", "--scope", "authz:check", "--json"))

    new = json.loads(run("rotate-secret", "t", "--json"))

    assert new["client_secret"] != old["client_secret"]
    assert proves("t", new["client_secret"])
    assert proves("t", old["client_secret"])
    outgoing = ClientSecret.objects.get(state=SecretState.OUTGOING)
    assert outgoing.expires_at is not None
    assert new["previous_secret_until"] == outgoing.expires_at.isoformat("T", "seconds")


def test_disable_and_enable() -> None:
    run("create", "t", "--id", "t", "--scope", "authz:check")

    assert json.loads(run("disable", "t", "--json"))["enabled"] is False
    with pytest.raises(CommandError, match="disabled"):
        run("rotate-secret", "t")
    assert json.loads(run("enable", "t", "--json"))["enabled"] is True


def test_a_dry_run_changes_nothing_and_shows_no_secret() -> None:
    told = json.loads(
        run("create", "t", "--id", "t", "--scope", "authz:check", "--dry-run", "--json")
    )

    assert told["dry_run"] is True
    assert "client_secret" not in told
    assert not ServiceClient.objects.exists()


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("--help")

    assert "manage.py service_client rotate-secret ticker" in capsys.readouterr().out
