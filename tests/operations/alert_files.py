"""The alerts, their rules, their tests and their runbooks, as files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "operators" / "runbooks"
RULES = [PROMETHEUS / "rules.yml", PROMETHEUS / "alerts.yml"]
TESTS = sorted((PROMETHEUS / "tests").glob("*_test.yml"))

# A name, and the matchers behind it.
SERIES = re.compile(r"\b(gatehouse[_:][\w:]+|django_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def recorded() -> set[str]:
    return {rule["record"] for rule in rules() if "record" in rule}


def series_of(expression: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each metric that the expression names, with the labels that it matches."""
    for name, matchers in SERIES.findall(expression):
        yield name, dict(MATCHER.findall(matchers))


def cases() -> Iterator[dict[str, Any]]:
    for path in TESTS:
        yield from yaml.safe_load(path.read_text())["tests"]


def commands() -> Iterator[tuple[str, str]]:
    """Each line of shell in a runbook, and the runbook's name."""
    for path in sorted(RUNBOOKS.glob("*.md")):
        for block in SHELL.findall(path.read_text()):
            for line in block.strip().splitlines():
                yield path.name, line
