"""`manage.py service_client`: the programs that may call us in their own name."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import ServiceClient
from accounts.models.service_client import ServiceScope
from accounts.services import service_clients
from accounts.services.service_clients import ClientKeys
from config.http import json as strict_json
from config.http.client_certificate import thumbprint_of_pem
from config.http.problems import MalformedBodyError, ProblemError

EXAMPLES = """
examples:
  manage.py service_client create "Price ticker" --scope authz:check --scope events:read
  manage.py service_client create ticker --id ticker --scope authz:check --json
  manage.py service_client create Orders --id orders --scope credentials:read --jwks-url https://orders.example.com/jwks.json --network 10.4.0.0/16
  manage.py service_client update orders --jwks orders-public.json
  manage.py service_client update orders --certificate orders-old.pem --certificate orders-new.pem
  manage.py service_client update orders --no-networks
  manage.py service_client list
  manage.py service_client rotate-secret ticker
  manage.py service_client end-secrets orders
  manage.py service_client disable ticker

A secret is printed once and cannot be shown again. A client that is created with keys gets none: it proves itself with
private_key_jwt. The networks and certificates given to update replace those before.
"""  # noqa: E501 - a command is one line

SIMPLE = (
    ("rotate-secret", "a new secret; the present one works for a while more"),
    ("end-secrets", "its keys alone prove it from now on"),
    ("disable", "no new tokens, and those it has are refused at once"),
    ("enable", "take back disable"),
)


class Command(BaseCommand):
    help = "Create service clients, list and change them, give them new secrets, disable and enable them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="a new client; prints its id and secret")
        create.add_argument("name")
        create.add_argument(
            "--id",
            dest="client_id",
            default="",
            help="the client id; made from the name if not given",
        )
        update = actions.add_parser("update", help="other scopes, keys, networks, certificates")
        update.add_argument("client_id")
        update.add_argument("--name")
        _add_registration(create, scope_required=True)
        _add_registration(update, scope_required=False)
        for what in ("keys", "networks", "certificates"):
            update.add_argument(
                f"--no-{what}", action="store_true", help=f"none of its {what} stay"
            )
        actions.add_parser("list", help="every client with its scopes")
        for name, meaning in SIMPLE:
            actions.add_parser(name, help=meaning).add_argument("client_id")
        for name, action in actions.choices.items():
            action.add_argument("--json", action="store_true", help="for machines")
            if name != "list":
                action.add_argument(
                    "--dry-run", action="store_true", help="check everything, and change nothing"
                )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list(as_json=options["json"])
            return
        try:
            with transaction.atomic():
                facts = _change(options)
                transaction.set_rollback(options["dry_run"])
        except ProblemError as error:
            details = [f"{item.field}: {item.detail}" for item in error.errors]
            raise CommandError(" ".join([str(error), *details])) from None
        if options["dry_run"]:
            facts.pop("client_secret", None)  # it was undone and will never work
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **facts}))
            return
        self.stdout.write("Would be:" if options["dry_run"] else "Done:")
        for name, value in facts.items():
            if value in ("", []):
                continue
            self.stdout.write(f"  {name}: {' '.join(value) if isinstance(value, list) else value}")

    def _list(self, *, as_json: bool) -> None:
        clients = [_facts(client) for client in ServiceClient.objects.all()]
        if as_json:
            self.stdout.write(json.dumps(clients))
            return
        for client in clients:
            state = "enabled" if client["enabled"] else "disabled"
            self.stdout.write(
                f"{client['client_id']}  {state:8}  {client['name']}  {' '.join(client['scopes'])}"
            )
        if not clients:
            self.stdout.write("No service client yet.")


def _add_registration(action: ArgumentParser, *, scope_required: bool) -> None:
    """What a client is registered with, for `create` and `update`."""
    action.add_argument(
        "--scope",
        dest="scopes",
        action="append",
        required=scope_required,
        metavar="SCOPE",
        help=f"may be given more than once: {', '.join(ServiceScope.values)}",
    )
    keys = action.add_mutually_exclusive_group()
    keys.add_argument("--jwks", type=Path, metavar="FILE", help="its public keys, a JWK Set")
    keys.add_argument("--jwks-url", default="", metavar="URL", help="where its JWK Set is, https")
    action.add_argument(
        "--network",
        dest="networks",
        action="append",
        metavar="CIDR",
        help="from where alone it may call; may be given more than once",
    )
    action.add_argument(
        "--certificate",
        dest="certificates",
        action="append",
        metavar="FILE|THUMBPRINT",
        help="the TLS certificate it must call with: a PEM file or x5t#S256; may be given more than once",
    )


def _change(options: dict[str, Any]) -> dict[str, Any]:
    client_id = options["client_id"]
    match options["action"]:
        case "create":
            return _create(options)
        case "update":
            return _facts(_update(options))
        case "rotate-secret":
            issued = service_clients.rotate_secret(client_id=client_id)
            until = issued.previous_until and issued.previous_until.isoformat(timespec="seconds")
            return {
                **_facts(issued.client),
                "client_secret": issued.secret,
                "previous_secret_until": until,
            }
        case "end-secrets":
            return _facts(service_clients.end_secrets(client_id=client_id))
        case "enable":
            return _facts(service_clients.enable(client_id=client_id))
        case _:
            return _facts(service_clients.disable(client_id=client_id))


def _create(options: dict[str, Any]) -> dict[str, Any]:
    registration: dict[str, Any] = {
        "name": options["name"],
        "scopes": options["scopes"],
        "client_id": options["client_id"],
        "networks": options["networks"] or (),
        "certificates": _thumbprints(options["certificates"]) or (),
    }
    keys = _keys(options)
    if keys is not None:
        return _facts(service_clients.create_with_keys(keys=keys, **registration))
    issued = service_clients.create(**registration)
    return {**_facts(issued.client), "client_secret": issued.secret}


def _update(options: dict[str, Any]) -> ServiceClient:
    return service_clients.update(
        client_id=options["client_id"],
        name=options["name"],
        scopes=options["scopes"],
        keys=ClientKeys() if options["no_keys"] else _keys(options),
        networks=() if options["no_networks"] else options["networks"],
        certificates=() if options["no_certificates"] else _thumbprints(options["certificates"]),
    )


def _keys(options: dict[str, Any]) -> ClientKeys | None:
    path: Path | None = options["jwks"]
    if path is None:
        return ClientKeys(jwks_url=options["jwks_url"]) if options["jwks_url"] else None
    try:
        return ClientKeys(jwks=strict_json.parse(path.read_bytes()))
    except (OSError, MalformedBodyError) as error:
        raise CommandError(f"--jwks: {error}") from None


def _thumbprints(given: Collection[str] | None) -> list[str] | None:
    """Each as it is, or that of the certificate in the file of this name."""
    return None if given is None else [_thumbprint(text) for text in given]


def _thumbprint(text: str) -> str:
    path = Path(text)
    if not path.is_file():
        return text
    try:
        return thumbprint_of_pem(path.read_text())
    except (OSError, ValueError):
        raise CommandError(f"--certificate: {text} holds no certificate in PEM.") from None


def _facts(client: ServiceClient) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "enabled": client.enabled,
        "scopes": client.scopes,
        "keys": client.jwks_url or ("registered" if client.jwks is not None else ""),
        "networks": client.networks,
        "certificates": client.certificates,
    }
