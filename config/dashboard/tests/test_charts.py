"""Bars over time."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.utils import translation

from config.dashboard import charts
from config.dashboard.cards import Series
from config.dashboard.span import DAY, HOUR, Span

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def drawn(*values: list[int], span: Span | None = None) -> charts.Chart:
    span = span or Span("", BEGIN, BEGIN + HOUR * len(values[0]))
    series = [Series(text=f"s{n}", values=each, tone="good") for n, each in enumerate(values)]
    return charts.draw(series, span)


def test_bars_stand_on_one_another_and_reach_no_higher_than_the_grid() -> None:
    chart = drawn([8, 0], [8, 3])
    below, above, alone = chart.bars
    assert float(above.y) + float(above.height) == pytest.approx(float(below.y), abs=0.2)
    assert float(below.y) + float(below.height) == pytest.approx(charts.FLOOR, abs=0.2)
    assert float(alone.y) + float(alone.height) == pytest.approx(charts.FLOOR, abs=0.2)
    assert float(above.y) >= charts.TOP
    assert below.title == "2026-11-01 00:00: 8 s0"
    assert chart.summary == "s0: 8, s1: 11"


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (1, 4), (5, 8), (9, 20), (41, 80), (401, 800), (1_999, 2_000)]
)
def test_the_grid_has_whole_numbers_and_room_for_the_highest(highest: int, top: int) -> None:
    marks = [int(mark.text.replace(",", "")) for mark in drawn([highest]).grid]
    assert marks == [top * part // 4 for part in range(5)]


def test_no_label_is_cut_off_or_runs_into_the_next() -> None:
    for days in (1, 7, 90, 366):
        labels = drawn(*[[0] * days], span=Span("", BEGIN, BEGIN + days * DAY, DAY)).labels
        places = [float(label.x) for label in labels]
        assert places[-1] <= charts.WIDE - charts.HALF_A_LABEL
        assert all(after - before > 40 for before, after in pairwise(places))


def test_days_are_named_in_the_readers_language() -> None:
    month = Span("", BEGIN, BEGIN + DAY * 7, DAY)
    with translation.override("hi"):
        assert drawn([1] * 7, span=month).labels[0].text == "1 नव"
    with translation.override("en"):
        assert drawn([1] * 7, span=month).labels[0].text == "1 Nov"
