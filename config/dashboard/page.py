"""The page, for whoever looks at it."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.dashboard import charts
from config.dashboard.cards import Card, Drawn, Figure, Row, registered
from config.dashboard.charts import Chart
from config.dashboard.links import list_of, may_see, row_of
from config.dashboard.span import USUAL, Span, span_of
from config.replicas import reading

NAMES = {"24h": _("24 hours"), "7d": _("7 days"), "30d": _("30 days"), "90d": _("90 days")}


@dataclass(frozen=True, kw_only=True)
class ShownCard:
    """A card with its links."""

    title: Any
    link: str
    wide: bool
    figures: list[tuple[Figure, str]]
    chart: Chart | None
    rows: list[tuple[Row, str]]
    empty: Any


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: the cards, and the spans to choose from."""
    span = span_of(request.GET, now=timezone.now())
    cards = [_shown(card, span, request) for card in registered() if may_see(request, card.model)]
    spans = [(name, NAMES[name], name == span.name) for name in USUAL]
    return context | {"cards": cards, "span": span, "spans": spans, "last_day": _last_day(span)}


def _shown(card: Card, span: Span, request: HttpRequest) -> ShownCard:
    drawn = reading.read(lambda: card.draw(span), apps.get_model(card.model))
    links = {row.model: may_see(request, row.model) for row in drawn.rows}
    return ShownCard(
        title=card.title,
        link=list_of(card.model),
        wide=card.wide,
        figures=[(figure, list_of(card.model, figure.query)) for figure in drawn.figures],
        chart=_chart(card, drawn, span),
        rows=[(row, row_of(row.model, row.key) if links[row.model] else "") for row in drawn.rows],
        empty=drawn.empty,
    )


def _chart(card: Card, drawn: Drawn, span: Span) -> Chart | None:
    if not drawn.chart:
        return None
    width = charts.WIDE if card.wide else charts.NARROW
    return charts.draw(drawn.chart, drawn.span or span, width=width)


def _last_day(span: Span) -> str:
    return f"{span.end - span.step / 2:%Y-%m-%d}"
