"""Panels of a Grafana dashboard: what each kind of metric is shown as, and in which unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH, HEIGHT, COLUMNS = 8, 8, 3
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A chart: PromQL expressions, each with the legend of its lines. `level` is drawn as a line."""

    title: str
    unit: str
    expressions: Sequence[tuple[str, str]]
    level: float | None = None
    stacked: bool = field(default=False)


def rate(title: str, metric: str, *labels: str) -> Panel:
    """How often it happens, by `labels`; for counters."""
    by = f" by ({', '.join(labels)})" if labels else ""
    expression = f"sum{by} (rate({metric}[$__rate_interval]))"
    return Panel(
        title=title,
        unit="cps",
        expressions=[(expression, _legend(labels, otherwise="a second"))],
        stacked=bool(labels),
    )


def quantiles(title: str, metric: str, *, unit: str = "s", level: float | None = None) -> Panel:
    """Half, 95 and 99 % of the values were at most so much; for histograms."""
    buckets = f"sum by (le) (rate({metric}_bucket[$__rate_interval]))"
    return Panel(
        title=title,
        unit=unit,
        level=level,
        expressions=[
            (f"histogram_quantile({share}, {buckets})", f"p{share * 100:g}") for share in QUANTILES
        ],
    )


def state(
    title: str, metric: str, *labels: str, unit: str = "short", level: float | None = None
) -> Panel:
    """What it is now; for gauges. Each machine tells the facts of the one database, so the largest counts."""
    by = f" by ({', '.join(labels)})" if labels else ""
    return Panel(
        title=title,
        unit=unit,
        level=level,
        expressions=[(f"max{by} ({metric})", _legend(labels, otherwise="now"))],
    )


def share(title: str, part: str, whole: str, *, level: float | None = None) -> Panel:
    """How much of `whole`, a counter, is `part`, one of its series."""
    return Panel(
        title=title,
        unit="percentunit",
        level=level,
        expressions=[
            (f"sum(rate({part}[$__rate_interval])) / sum(rate({whole}[$__rate_interval]))", "share")
        ],
    )


def as_grafana(panel: Panel, *, number: int) -> dict[str, Any]:
    """The panel in Grafana's schema, in its place of rows of three."""
    row, column = divmod(number, COLUMNS)
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0, "custom": _drawn(panel)}
    if panel.level is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.level}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": [
            {"refId": chr(ord("A") + index), "expr": expression, "legendFormat": legend}
            for index, (expression, legend) in enumerate(panel.expressions)
        ],
    }


def _drawn(panel: Panel) -> dict[str, Any]:
    drawn: dict[str, Any] = {"lineWidth": 1, "fillOpacity": 20 if panel.stacked else 0}
    if panel.stacked:
        drawn["stacking"] = {"mode": "normal"}
    if panel.level is not None:
        drawn["thresholdsStyle"] = {"mode": "line"}
    return drawn


def _legend(labels: Sequence[str], *, otherwise: str) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in labels) or otherwise
