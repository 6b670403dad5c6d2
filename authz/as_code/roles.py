"""Roles as files: `{name, description, scopes}`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from authz.engine.errors import Flaw, PolicyError
from authz.models import Role
from authz.services import role_definitions
from authz.services.authorship import SYSTEM
from authz.services.case_runs import Watched

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
SCOPE = re.compile(r"[a-z][a-z0-9_.-]{0,63}:[a-z][a-z0-9_.:-]{0,63}")
LONGEST_DESCRIPTION = 300
MOST_SCOPES = 200
MEMBERS = ("name", "description", "scopes")


class RolePart:
    folder = "roles"
    always = True

    def stored(self) -> Mapping[str, Any]:
        return {
            role.name: {
                "name": role.name,
                "description": role.description,
                "scopes": sorted(role.scopes),
            }
            for role in Role.objects.all()
        }

    def name_of(self, value: Any) -> str:
        if not isinstance(value, dict):
            raise PolicyError([Flaw("", "type", "A role is an object.")])
        flaws = [
            Flaw(name, "unknown", "A role has no such member.")
            for name in value
            if name not in MEMBERS
        ]
        flaws += [
            Flaw(name, "required", "Every role has it.") for name in MEMBERS if name not in value
        ]
        if flaws := [*flaws, *_flaws(value)]:
            raise PolicyError(flaws)
        return str(value["name"])

    def write(self, value: Any, *, reason: str, within: Watched) -> None:
        role_definitions.define(**value, by=SYSTEM, reason=reason)

    def remove(self, name: str, *, reason: str, within: Watched) -> None:
        role_definitions.remove(name=name, by=SYSTEM, reason=reason)

    def after(self) -> Iterator[tuple[str, Flaw]]:
        yield from ()


def _flaws(value: dict[str, Any]) -> Iterator[Flaw]:
    name, description, scopes = (value.get(member) for member in MEMBERS)
    if "name" in value and not (isinstance(name, str) and NAME.fullmatch(name)):
        yield Flaw("name", "syntax", "Lower-case letters, digits, hyphens and underscores.")
    if "description" in value and not (
        isinstance(description, str) and len(description) <= LONGEST_DESCRIPTION
    ):
        yield Flaw("description", "type", f"Text of at most {LONGEST_DESCRIPTION} characters.")
    if "scopes" not in value:
        return
    if not isinstance(scopes, list) or len(scopes) > MOST_SCOPES:
        yield Flaw("scopes", "type", f"A list of at most {MOST_SCOPES} scopes.")
        return
    for index, scope in enumerate(scopes):
        if not (isinstance(scope, str) and SCOPE.fullmatch(scope)):
            yield Flaw(f"scopes.{index}", "syntax", "A scope is written users:read.")
