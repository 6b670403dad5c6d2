"""Puts the fixture in force: what certification wants a decision point to know."""

from pathlib import Path

from authz.as_code import exchange

FOLDER = Path(__file__).parent / "fixture"


def load_fixture() -> None:
    """Users alice and bob, two records and four policies, as `manage.py authz_import tests/authzen/fixture` does."""
    done = exchange.import_all(FOLDER, reason="certification", prune=False, dry_run=False)
    assert not done.flaws
