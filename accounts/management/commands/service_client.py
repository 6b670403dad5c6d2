"""`manage.py service_client`: the programs that may call us in their own name."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import ServiceClient
from accounts.models.service_client import ServiceScope
from accounts.services import service_clients
from config.http.problems import ProblemError

EXAMPLES = """
examples:
  manage.py service_client create "Price ticker" --scope authz:check --scope events:read
  manage.py service_client create ticker --id ticker --scope authz:check --json
  manage.py service_client list
  manage.py service_client rotate-secret ticker
  manage.py service_client disable ticker

A secret is printed once and cannot be shown again.
"""


class Command(BaseCommand):
    help = "Create service clients, list them, give them new secrets, disable and enable them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="a new client; prints its id and secret")
        create.add_argument("name")
        create.add_argument(
            "--scope",
            dest="scopes",
            action="append",
            required=True,
            metavar="SCOPE",
            help=f"may be given more than once: {', '.join(ServiceScope.values)}",
        )
        create.add_argument(
            "--id",
            dest="client_id",
            default="",
            help="the client id; made from the name if not given",
        )
        actions.add_parser("list", help="every client with its scopes")
        for name, meaning in (
            ("rotate-secret", "a new secret; the present one works for a while more"),
            ("disable", "no new tokens, and those it has are refused at once"),
            ("enable", "take back disable"),
        ):
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


def _change(options: dict[str, Any]) -> dict[str, Any]:
    client_id = options["client_id"]
    match options["action"]:
        case "create":
            issued = service_clients.create(
                name=options["name"], scopes=options["scopes"], client_id=client_id
            )
            return {**_facts(issued.client), "client_secret": issued.secret}
        case "rotate-secret":
            issued = service_clients.rotate_secret(client_id=client_id)
            until = issued.previous_until and issued.previous_until.isoformat(timespec="seconds")
            return {
                **_facts(issued.client),
                "client_secret": issued.secret,
                "previous_secret_until": until,
            }
        case "enable":
            return _facts(service_clients.enable(client_id=client_id))
        case _:
            return _facts(service_clients.disable(client_id=client_id))


def _facts(client: ServiceClient) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "enabled": client.enabled,
        "scopes": client.scopes,
    }
