"""`make licences`: the licences of what is locked for the service, as docs/operators/licences.md."""

import json
import re
import subprocess
import sys
from pathlib import Path

LOCK = Path("requirements/base.txt")
PAGE = Path("docs/operators/licences.md")
HEADING = """# Licences

What the service stands on, and on what terms; written by `make licences`, which fails for terms that are not on its
list (`deploy/licences.py`).

| package | version | licence |
| --- | --- | --- |
"""
# Terms under which a service may be run and its image handed on. LGPL and MPL: used unchanged, as libraries.
KNOWN = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla Public License|LGPL\w*|Lesser General Public"
    r"|Zope Public|ZPL|Unlicense|CC0|0BSD|Public Domain|HPND)\b",
    re.IGNORECASE,
)


def main() -> None:
    """Write the page. Exits with the packages whose terms are not known."""
    packages = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", LOCK.read_text(), re.MULTILINE)
    told = subprocess.run(
        [
            ".release/bin/pip-licenses",
            "--python=.venv/bin/python",
            "--format=json",
            "--from=mixed",
            "--with-system",  # also those that pip-licenses itself stands on
            "--packages",
            *packages,
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    rows = sorted(json.loads(told), key=lambda row: row["Name"].lower())
    unknown = [row["Name"] for row in rows if not KNOWN.search(row["License"])]
    if unknown:
        sys.exit(f"Look at the licences of: {', '.join(unknown)}")
    lines = [f"| {row['Name']} | {row['Version']} | {_short(row['License'])} |" for row in rows]
    PAGE.write_text(HEADING + "\n".join(lines) + "\n")
    sys.stdout.write(f"{PAGE}: {len(rows)} packages.\n")


def _short(licence: str) -> str:
    """Some packages give the whole text; its first line names it."""
    return licence.strip().splitlines()[0].replace("|", "\\|")


if __name__ == "__main__":
    main()
