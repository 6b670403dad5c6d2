"""The alerts of `deploy/prometheus` speak of what the service tells, and lead to a page that helps."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.operations.alert_files import (
    PROMETHEUS,
    ROOT,
    RULES,
    TESTS,
    alerts,
    cases,
    commands,
    recorded,
    rules,
    series_of,
)
from tests.operations.declared_metrics import declared_labels, something_to_tell

PROMETHEUS_OWN = {"le", "job", "instance"}  # labels that no metric of ours has by itself


def views(resolver: URLResolver) -> Iterator[str]:
    """As django-prometheus names them."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or pattern.lookup_str


@pytest.mark.django_db
@pytest.mark.usefixtures("native_partitions")  # a hypertable has no metrics of them
def test_every_metric_that_an_alert_names_is_one_that_the_service_tells(client: Client) -> None:
    client.get("/livez")  # requests are counted from the first on
    something_to_tell()
    declared = declared_labels() | dict.fromkeys(recorded())
    unknown, foreign = set(), set()
    for rule in rules():
        for name, matched in series_of(rule["expr"]):
            if name not in declared:
                unknown.add(name)
            labels = declared.get(name)
            foreign |= {
                f"{name}{{{label}}}"
                for label in set(matched) - PROMETHEUS_OWN
                if labels is not None and label not in labels
            }
    assert (unknown, foreign) == (set(), set())


def test_every_view_that_a_rule_counts_is_on_the_map() -> None:
    known = set(views(get_resolver()))
    for rule in rules():
        for _, matched in series_of(rule["expr"]):
            if "view" in matched:
                wanted = re.compile(matched["view"])
                assert [view for view in known if wanted.fullmatch(view)], matched["view"]


def test_every_alert_says_what_is_the_matter_and_where_it_is_told_what_to_do() -> None:
    for name, alert in alerts().items():
        annotations = alert["annotations"]
        assert set(annotations) == {"summary", "description", "runbook_url"}, name
        runbook = ROOT / annotations["runbook_url"]
        assert f"`{name}`" in runbook.read_text(), name
        assert f"`{name}`" in (runbook.parent / "README.md").read_text(), name
        assert alert["labels"]["severity"] in {"page", "ticket"}, name


def test_every_alert_has_a_case_that_fires_it_and_one_that_does_not() -> None:
    named = [case["name"] for case in cases()]
    wanted = [f"{name} {end}" for name in alerts() for end in ("fires", "stays quiet")]
    assert set(wanted) <= set(named)
    assert len(named) == len(set(named))
    assert all(name.startswith(tuple(wanted)) for name in named)
    for case in cases():
        [test] = case["promql_expr_test"]
        assert case["name"].split()[0] in test["expr"]
        assert bool(test["exp_samples"]) == (" fires" in case["name"]), case["name"]


def test_every_command_of_a_runbook_is_one_that_there_is() -> None:
    known = get_commands()
    for page, line in commands():
        words = shlex.split(line)
        if words[0] != "manage.py":
            assert words[0] == "curl", (page, line)
            continue
        name, given = (
            words[1],
            [word for word in words[2:] if word.startswith("--") and word != "--"],
        )
        assert name in known, (page, line)
        help_text = load_command_class(str(known[name]), name).create_parser("manage.py", name)
        if name not in {
            "dbshell",
            "shell",
            "signing_keys",
        }:  # what comes behind is another program's
            assert all(option in help_text.format_help() for option in given), (page, line)


@pytest.mark.django_db
def test_every_question_of_a_runbook_to_the_database_is_one_that_it_answers() -> None:
    asked = [shlex.split(line)[-1] for _, line in commands() if "dbshell" in line]
    assert len(asked) > 5
    with connection.cursor() as cursor:
        for question in asked:
            assert question.startswith("SELECT ")
            cursor.execute(question)


@pytest.mark.skipif(
    not shutil.which("promtool"), reason="there is no promtool (Debian: prometheus)"
)
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "rules", *map(str, RULES)],
        ["check", "config", "--syntax-only", str(PROMETHEUS / "prometheus.yml")],
        ["test", "rules", *map(str, TESTS)],
    ],
    ids=["rules", "config", "tests"],
)
def test_promtool_agrees(arguments: list[str]) -> None:
    done = subprocess.run(["promtool", *arguments], check=False, capture_output=True, text=True)  # noqa: S607
    assert done.returncode == 0, done.stdout + done.stderr
