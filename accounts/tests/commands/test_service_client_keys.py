"""`manage.py service_client` with keys, networks and certificates."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ClientSecret, ServiceClient
from accounts.tests.client_keys import jwks, key_pair
from config.http.tests.test_client_certificate import PEM, THUMBPRINT

pytestmark = pytest.mark.django_db

URL = "https://orders.example.com/jwks.json"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("service_client", *arguments, stdout=out)
    return out.getvalue()


def create(*more: str) -> str:
    return run("create", "Orders", "--id", "orders", "--scope", "credentials:read", *more)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(jwks(key_pair("ES256"))))
    return file


@pytest.fixture
def certificate_file(tmp_path: Path) -> Path:
    file = tmp_path / "client.pem"
    file.write_text(PEM)
    return file


def test_a_client_is_created_with_keys_and_bindings_and_no_secret(
    key_file: Path, certificate_file: Path
) -> None:
    made = json.loads(
        create(
            *("--jwks", str(key_file)),
            *("--network", "10.4.0.0/16", "--network", "10.5.0.0/16"),
            *("--certificate", str(certificate_file)),
            "--json",
        )
    )

    assert "client_secret" not in made
    assert made["keys"] == "registered"
    assert made["networks"] == ["10.4.0.0/16", "10.5.0.0/16"]
    assert made["certificates"] == [THUMBPRINT]
    assert not ClientSecret.objects.exists()


def test_a_client_with_a_secret_may_be_bound_too() -> None:
    made = json.loads(create("--network", "10.4.0.0/16", "--json"))

    assert made["client_secret"].startswith("gh_cs_")
    assert made["networks"] == ["10.4.0.0/16"]


def test_update_changes_what_is_given_and_leaves_the_rest(key_file: Path) -> None:
    create("--network", "10.4.0.0/16")

    run("update", "orders", "--jwks-url", URL, "--name", "Order desk")
    changed = json.loads(run("update", "orders", "--certificate", THUMBPRINT, "--json"))

    assert changed == {
        "dry_run": False,
        "client_id": "orders",
        "name": "Order desk",
        "enabled": True,
        "scopes": ["credentials:read"],
        "keys": URL,
        "networks": ["10.4.0.0/16"],
        "certificates": [THUMBPRINT],
    }


def test_update_takes_away_what_it_is_told_to(key_file: Path) -> None:
    create("--network", "10.4.0.0/16", "--certificate", THUMBPRINT, "--jwks", str(key_file))

    run("update", "orders", "--no-networks", "--no-certificates", "--no-keys")

    client = ServiceClient.objects.get()
    assert (client.networks, client.certificates, client.has_keys) == ([], [], False)


def test_end_secrets_leaves_the_keys(key_file: Path) -> None:
    create()
    with pytest.raises(CommandError, match="no keys"):
        run("end-secrets", "orders")
    run("update", "orders", "--jwks", str(key_file))

    run("end-secrets", "orders")

    assert {secret.state for secret in ClientSecret.objects.all()} == {"ended"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--network", "everywhere"], "networks"),
        (["--network", "0.0.0.0/0"], "networks"),
        (["--certificate", "nonsense"], "certificates"),
        (["--certificate", __file__], "no certificate"),
        (["--jwks-url", "http://orders.example.com/"], "jwks_url"),
        (["--jwks", __file__], "--jwks"),
        (["--jwks", "/does/not/exist"], "--jwks"),
        (["--jwks", "x", "--jwks-url", URL], "not allowed with"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        create(*arguments)

    assert not ServiceClient.objects.exists()


def test_a_dry_run_checks_and_changes_nothing() -> None:
    create()

    told = run("update", "orders", "--network", "10.4.0.0/16", "--dry-run")

    assert "networks: 10.4.0.0/16" in told
    assert ServiceClient.objects.get().networks == []


@pytest.mark.parametrize("action", [[], ["create"], ["update"]])
def test_help_shows_how(action: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(*action, "--help")

    shown = capsys.readouterr().out
    assert ("--jwks-url" in shown) and ("--network" in shown) and ("--certificate" in shown)
