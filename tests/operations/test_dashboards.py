"""Grafana's dashboards show what the service tells, all of it, and nothing else."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config.telemetry.grafana.boards import BOARDS, as_document
from config.telemetry.management.commands import grafana_dashboards
from tests.operations.alert_files import series_of
from tests.operations.declared_metrics import declared_labels, something_to_tell

LABELS = re.compile(r"by \(([^)]*)\)")
OF_A_SCRAPE = {"le", "job", "instance"}
METRIC = re.compile(r"(_bucket|_count|_sum|_created)$")


def expressions() -> "list[str]":
    return [
        expression
        for board in BOARDS
        for panel in board.panels
        for expression, _ in panel.expressions
    ]


@pytest.mark.usefixtures("native_partitions")  # a hypertable has no months to tell of
def test_every_panel_asks_for_what_the_service_tells(client: Client) -> None:
    client.get("/livez")  # requests are counted from the first on
    something_to_tell()
    declared = declared_labels()
    unknown, foreign = set(), set()
    for expression in expressions():
        asked = {label for by in LABELS.findall(expression) for label in by.split(", ")}
        for name, matched in series_of(expression):
            if name not in declared:
                unknown.add(name)
            labels = declared.get(name)
            if labels is not None:
                foreign |= {
                    f"{name}{{{label}}}" for label in (asked | set(matched)) - OF_A_SCRAPE - labels
                }
    assert (unknown, foreign) == (set(), set())


@pytest.mark.django_db
def test_every_metric_of_ours_is_on_a_dashboard() -> None:
    something_to_tell()
    told = {
        METRIC.sub("", name)
        for name in declared_labels()
        if name.startswith("gatehouse_") and not name.endswith("_created")
    }
    shown = {
        METRIC.sub("", name)
        for expression in expressions()
        for name, _ in series_of(expression)
        if name.startswith("gatehouse_")
    }
    assert told - shown == set()
    assert len(told) >= 40


def test_the_files_are_those_that_the_code_makes() -> None:
    call_command("grafana_dashboards", "--check", stdout=StringIO())


def test_a_file_that_is_out_of_step_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {path: text + "\n" for path, text in grafana_dashboards.files().items()}
    monkeypatch.setattr(grafana_dashboards, "files", lambda: files)
    with pytest.raises(CommandError, match=r"Out of step with the code: service\.json"):
        call_command("grafana_dashboards", "--check", stdout=StringIO())


def test_panels_stand_beside_each_other_and_have_names_of_their_own() -> None:
    for board in BOARDS:
        panels = as_document(board)["panels"]
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
        assert len(places) == len({panel["id"] for panel in panels}) == len(panels)
        assert len({panel["title"] for panel in panels}) == len(panels)
