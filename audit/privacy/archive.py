"""The archive of what is held of a person: a ZIP with a manifest, one JSON file an area, and a page to read.

It is written to disk a page of rows at a time, and area by area: whoever starts again where another was killed finds
the areas that were finished.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone

from audit.privacy import page
from audit.privacy.collecting import rows_of
from audit.privacy.registry import Holding, Person, holdings

SCHEMA_VERSION = 1
CHUNK = 1 << 20

Report = Callable[[int, int], None]


def build(
    *, person: Person, target: Path, report: Report = lambda done, total: None
) -> dict[str, Any]:
    """Write the archive to `target`, which appears when it is whole; returns its manifest.

    `report` hears how many of the areas are done. Raises OSError.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = target.with_suffix(".parts")
    parts.mkdir(mode=0o700, exist_ok=True)
    shown = sorted((each for each in holdings() if each.area), key=lambda each: each.area)
    for number, holding in enumerate(shown):
        report(number, len(shown) + 1)
        _write_area(holding, person, parts)
    report(len(shown), len(shown) + 1)
    manifest = _finish(person, shown, parts)
    _zip(parts, target, [*(entry["name"] for entry in manifest["files"]), "manifest.json"])
    shutil.rmtree(parts)
    return manifest


def _write_area(holding: Holding, person: Person, parts: Path) -> None:
    """The JSON file and the part of the page; the former is renamed last, which says that both are whole."""
    whole = parts / f"{holding.area}.json"
    if whole.exists():
        return
    partial = whole.with_suffix(".partial")
    with partial.open("w") as values, (parts / f"{holding.area}.part").open("w") as shown:
        shown.write(page.heading(holding.area))
        values.write("[")
        count = 0
        for row in rows_of(holding, person):
            values.write(("," if count else "") + "\n" + json.dumps(row, ensure_ascii=False))
            shown.write(page.row(row))
            count += 1
        values.write("\n]\n" if count else "]\n")
        shown.write(page.ending(count))
    partial.replace(whole)


def _finish(person: Person, shown: list[Holding], parts: Path) -> dict[str, Any]:
    """The page and the manifest, from the areas on disk."""
    names = [f"{holding.area}.json" for holding in shown]
    with (parts / "index.html").open("w") as whole:
        whole.write(page.beginning(person.public_id))
        for holding in shown:
            with (parts / f"{holding.area}.part").open() as part:
                shutil.copyfileobj(part, whole, CHUNK)
        whole.write(page.END)
    manifest = {
        "format": "gatehouse-archive",
        "schema_version": SCHEMA_VERSION,
        "person": person.public_id,
        "made_at": timezone.now().isoformat(),
        "files": [_entry(parts / name) for name in (*names, "index.html")],
        "left_out": {holding.area: dict(holding.withheld) for holding in shown if holding.withheld},
    }
    (parts / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False))
    return manifest


def _entry(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _zip(parts: Path, target: Path, names: list[str]) -> None:
    partial = target.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, ZipFile(file, "w", ZIP_DEFLATED) as whole:
        for name in names:
            whole.write(parts / name, name)
    partial.replace(target)
