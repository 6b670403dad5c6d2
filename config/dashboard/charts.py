"""Bars over time, as the numbers that a template writes into an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format

from config.dashboard.cards import Series
from config.dashboard.span import DAY, Span

WIDE, NARROW = 720, 360
HEIGHT, LEFT, BOTTOM, TOP = 200, 44, 24, 8
FLOOR = HEIGHT - BOTTOM
GRID_LINES, ROOM_FOR_A_LABEL, HALF_A_LABEL = 4, 90, 22
NICE = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    tone: str
    title: str


@dataclass(frozen=True)
class Mark:
    """A word beside an axis, and where."""

    x: str
    y: str
    text: str


@dataclass(frozen=True)
class Chart:
    """`summary` says in words what the bars show, for those who do not see them."""

    bars: list[Bar]
    grid: list[Mark]
    labels: list[Mark]
    series: Sequence[Series]
    summary: str
    width: int
    height: int = HEIGHT
    left: int = LEFT
    label_x: int = LEFT - 6


def draw(series: Sequence[Series], span: Span, *, width: int = WIDE) -> Chart:
    """Stacked: the first series stands on the ground."""
    sums = [sum(values) for values in zip(*(each.values for each in series), strict=True)]
    top = _top(max(sums, default=0))
    return Chart(
        bars=_bars(series, span, top, width),
        grid=[_grid(top * part // GRID_LINES, top) for part in range(GRID_LINES + 1)],
        labels=_labels(span, width),
        series=series,
        width=width,
        summary=", ".join(f"{each.text}: {sum(each.values):,}" for each in series),
    )


def _top(highest: int) -> int:
    """What nothing is above, with whole numbers at the lines of the grid."""
    step = 1
    while GRID_LINES * step * 10 < highest:
        step *= 10
    return next(
        (top for nice in NICE if (top := GRID_LINES * step * nice) >= highest),
        GRID_LINES * step * 10,
    )


def _bars(series: Sequence[Series], span: Span, top: int, width: int) -> list[Bar]:
    room = (width - LEFT) / len(span.buckets)
    bars = []
    for index, bucket in enumerate(span.buckets):
        ground = float(FLOOR)
        for each in series:
            height = (FLOOR - TOP) * each.values[index] / top
            if not height:
                continue
            ground -= height
            bars.append(
                Bar(
                    x=f"{LEFT + room * index + room * 0.1:.1f}",
                    y=f"{ground:.1f}",
                    width=f"{room * 0.8:.2f}",
                    height=f"{height:.1f}",
                    tone=each.tone,
                    title=f"{_moment(bucket, span)}: {each.values[index]:,} {each.text}",
                )
            )
    return bars


def _grid(value: int, top: int) -> Mark:
    y = FLOOR - (FLOOR - TOP) * value / top
    return Mark(x=str(LEFT), y=f"{y:.1f}", text=f"{value:,}")


def _labels(span: Span, width: int) -> list[Mark]:
    """As many as have room, evenly; those of more than two days on whole days."""
    room = (width - LEFT) / len(span.buckets)
    wanted = [
        (index, bucket)
        for index, bucket in enumerate(span.buckets)
        if span.end - span.begin <= 2 * DAY or span.step >= DAY or bucket.hour == 0
    ]
    every = -(-len(wanted) * ROOM_FOR_A_LABEL // (width - LEFT)) or 1
    return [
        Mark(
            x=f"{min(LEFT + room * (index + 0.5), width - HALF_A_LABEL):.1f}",
            y=str(HEIGHT - 6),
            text=_short(bucket, span),
        )
        for index, bucket in wanted[::every]
    ]


def _short(bucket: datetime, span: Span) -> str:
    return date_format(bucket, "H:i" if span.end - span.begin <= 2 * DAY else "j M")


def _moment(bucket: datetime, span: Span) -> str:
    return f"{bucket:%Y-%m-%d}" if span.step >= DAY else f"{bucket:%Y-%m-%d %H:%M}"
