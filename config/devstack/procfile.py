"""The processes of the stack, as the Procfile declares them: `name: command with $VARIABLES`, one a line."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from string import Template

from config.devstack.errors import DevstackError


def read_procfile(path: Path, variables: Mapping[str, str]) -> dict[str, list[str]]:
    """The arguments of each process by its name, in the file's order, with `variables` filled in.

    Raises DevstackError for a line that is neither empty, a comment nor a declaration.
    """
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not colon or not name.isidentifier():
            raise DevstackError(f"{path}: not `name: command`: {line}")
        try:
            found[name] = [Template(word).substitute(variables) for word in shlex.split(command)]
        except (KeyError, ValueError) as error:
            raise DevstackError(f"{path}: {name}: {error} is not known here") from error
    return found
