"""The alerts and rules of `deploy/prometheus` with every time of theirs divided by one number.

Thresholds stay: they are rates, shares, counts and ages. A `for` is a wait and nothing more: here it ends after
`LONGEST_FOR` at the latest.
"""

import re
from pathlib import Path
from typing import Any

import yaml

LONGEST_FOR = 10_000  # milliseconds
UNITS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}  # as PromQL has them
DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
PART = re.compile(r"(\d+)(ms|[smhdwy])")
RANGE = re.compile(rf"\[({DURATION})(?::({DURATION})?)?\]")
OFFSET = re.compile(rf"\boffset\s+(-?)({DURATION})\b")


def faster(path: Path, factor: int) -> dict[str, Any]:
    """The document of rules at `path`, `factor` times as fast. Raises ValueError for a time that it does not divide."""
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    for group in document["groups"]:
        if "interval" in group:
            group["interval"] = _shorter(group["interval"], factor)
        for rule in group["rules"]:
            rule["expr"] = faster_expression(rule["expr"], factor)
            if "for" in rule:
                rule["for"] = _at_most(LONGEST_FOR, _shorter(rule["for"], factor))
    return document


def faster_expression(expression: str, factor: int) -> str:
    """Ranges, steps of subqueries and offsets are shorter. Raises ValueError as `faster` does."""

    def of_range(found: re.Match[str]) -> str:
        whole, span, step = found.group(0), found.group(1), found.group(2)
        inside = _shorter(span, factor)
        if ":" in whole:
            inside += ":" + (_shorter(step, factor) if step else "")
        return f"[{inside}]"

    def of_offset(found: re.Match[str]) -> str:
        return f"offset {found.group(1)}{_shorter(found.group(2), factor)}"

    return OFFSET.sub(of_offset, RANGE.sub(of_range, expression))


def _shorter(duration: str, factor: int) -> str:
    total = _milliseconds(duration)
    if total % factor:
        raise ValueError(f"{duration} divided by {factor} is no whole number of milliseconds")
    return f"{total // factor}ms"


def _at_most(limit: int, duration: str) -> str:
    return f"{min(limit, _milliseconds(duration))}ms"


def _milliseconds(duration: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in PART.findall(duration))
