"""`make release VERSION=1.2.0`: what was unreleased becomes a version: changelog, commit, tag, image and its list.

Nothing leaves this machine: pushing the tag and the image is a step of its own. CI must have passed, and `make audit`.
"""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

CHANGELOG = Path("CHANGELOG.md")
UNRELEASED = "## Unreleased\n"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
BRANCH = "main"


class ReleaseError(Exception):
    """Why there is no release; nothing was changed."""


def main(arguments: list[str]) -> None:
    """Release the one version that is named."""
    try:
        version = checked_version(arguments)
        refuse_unready_tree()
        text = released(CHANGELOG.read_text(), version, datetime.now(UTC).date().isoformat())
    except ReleaseError as error:
        sys.exit(str(error))
    CHANGELOG.write_text(text)
    git("commit", "--quiet", "--all", "--message", f"Release {version}")
    sign = "--sign" if os.environ.get("SIGN") else "--annotate"
    git("tag", sign, f"v{version}", "--message", f"Gatehouse {version}\n\n{notes(text, version)}")
    environment = os.environ | {"VERSION": version}
    for command in (["sh", "deploy/image/build"], ["make", "sbom"]):
        subprocess.run(command, check=True, env=environment)
    sys.stdout.write(
        f"v{version} is tagged and built. Next: git push --follow-tags, and the image.\n"
    )


def checked_version(arguments: list[str]) -> str:
    """The version, which must be newer than every tag. Raises ReleaseError."""
    if len(arguments) != 1 or not VERSION.fullmatch(arguments[0]):
        raise ReleaseError("Which version? make release VERSION=1.2.0, by Semantic Versioning.")
    version = arguments[0]
    tags = git("tag", "--list", "v*").split()
    known = [tag.removeprefix("v") for tag in tags if VERSION.fullmatch(tag.removeprefix("v"))]
    newest = max(known, key=_parts, default=None)
    if newest is not None and _parts(version) <= _parts(newest):
        raise ReleaseError(f"{newest} is out already.")
    return version


def refuse_unready_tree() -> None:
    """Raises ReleaseError off the main branch, and while something is not committed."""
    if git("branch", "--show-current").strip() != BRANCH:
        raise ReleaseError(f"Releases are made on {BRANCH}.")
    if git("status", "--porcelain").strip():
        raise ReleaseError("Something is not committed.")


def released(changelog: str, version: str, day: str) -> str:
    """The changelog with what was unreleased under `version`. Raises ReleaseError when there is nothing."""
    before, found, after = changelog.partition(UNRELEASED)
    entries, heading, older = after.partition("\n## ")
    if not found or not entries.strip():
        raise ReleaseError("CHANGELOG.md has nothing under Unreleased.")
    return f"{before}{UNRELEASED}\n## {version} - {day}\n{entries}{heading}{older}"


def notes(changelog: str, version: str) -> str:
    """What `changelog` says of `version`."""
    _, _, after = changelog.partition(f"## {version} - ")
    _, _, entries = after.partition("\n")
    return entries.partition("\n## ")[0].strip()


def git(*arguments: str) -> str:
    """What git said."""
    return subprocess.run(
        ["git", *arguments],  # noqa: S607
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    main(sys.argv[1:])
