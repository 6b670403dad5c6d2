"""The document that clients of the last release keep to: `python -m tests.contract.release --write` at each release."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "released" / "v1.json"
FOR_PEOPLE = ("description", "summary", "example", "examples", "tags", "x-enum-descriptions")


def released() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FILE.read_text())
    return document


def current() -> dict[str, Any]:
    """The document as it is now, as clients get it. Django must be set up."""
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator().get_schema(request=None, public=True)
    plain: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return plain


def without_words(node: Any, *, named: bool = False) -> Any:
    """The document less what only people read. `named` are members whose names are ours, and may be any."""
    if isinstance(node, list):
        return [without_words(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: without_words(value, named=name in {"properties", "schemas", "paths", "responses"})
        for name, value in node.items()
        if named or name not in FOR_PEOPLE
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True)
    parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    from tests.contract.breaking import breaks

    for line in breaks(released(), current()) if FILE.exists() else ():
        sys.stdout.write(f"breaks clients of the last release: {line}\n")
    FILE.write_text(json.dumps(without_words(current()), indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
