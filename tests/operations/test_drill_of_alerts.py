"""The drill of `make prove-alerts` leaves no alert out, and makes their times shorter without changing them."""

import pytest

from tests.operations.alert_files import RULES, alerts
from tests.proofs.alerts.catalogue import FAULTS, NOT_TRIED
from tests.proofs.alerts.faster import faster, faster_expression


def test_every_alert_is_drilled_once_or_says_why_not() -> None:
    tried = [alert for fault in FAULTS for alert in fault.alerts]
    assert sorted([*tried, *NOT_TRIED]) == sorted(alerts())
    assert all(NOT_TRIED.values())


@pytest.mark.parametrize(
    ("expression", "shorter"),
    [
        ("rate(x[5m])", "rate(x[5000ms])"),
        ("increase(x[1h30m]) > 300", "increase(x[90000ms]) > 300"),
        (
            "max(x) - min_over_time(max(x)[1h:1m]) > 10",
            "max(x) - min_over_time(max(x)[60000ms:1000ms]) > 10",
        ),
        ("min_over_time(x[1h:])", "min_over_time(x[60000ms:])"),
        ("x unless x offset 10m", "x unless x offset 10000ms"),
        ("x offset -1d", "x offset -1440000ms"),
        (
            'x{view=~"a[.]b|c[0-9]", le="0.5"} > 3 * 3600',
            'x{view=~"a[.]b|c[0-9]", le="0.5"} > 3 * 3600',
        ),
    ],
)
def test_times_are_shorter_and_thresholds_and_labels_stay(expression: str, shorter: str) -> None:
    assert faster_expression(expression, 60) == shorter


def test_a_time_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole number"):
        faster_expression("rate(x[5m])", 7)


def test_a_wait_is_shorter_and_never_long() -> None:
    waits = {
        rule["alert"]: rule["for"]
        for path in RULES
        for group in faster(path, 60)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert waits["InstanceDown"] == "2000ms"
    assert waits["RewrapUnfinished"] == "10000ms"  # a day
    assert waits["VaultOpenFailure"] == "0ms"
