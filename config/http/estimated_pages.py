"""Console pages over tables that are too large to count."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.translation import gettext

COUNTED_EXACTLY = 10_000  # rows; above it the planner's estimate is good enough
LAST_PAGE = 50  # deeper pages cost an OFFSET: narrow the list instead


class Counted(int):
    """A number of rows, as people read it."""

    def __str__(self) -> str:
        return f"{int(self):,}"


class MoreThan(Counted):
    """One of which only that much is certain. Whatever shows it says so."""

    def __str__(self) -> str:
        return gettext("more than %(number)s") % {"number": f"{COUNTED_EXACTLY:,}"}


class EstimatedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts while that is cheap, and takes the planner's word above it."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        counted = self.object_list.order_by()[: COUNTED_EXACTLY + 1].count()
        if counted <= COUNTED_EXACTLY:
            return Counted(counted)
        return MoreThan(max(counted, estimate(self.object_list)))

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, LAST_PAGE)


def estimate(queryset: QuerySet[Any]) -> int:
    """How many rows PostgreSQL expects the query to return, from its statistics."""
    sql, parameters = queryset.order_by().query.sql_with_params()
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        (plans,) = cursor.fetchone()
    return int(plans[0]["Plan"]["Plan Rows"])
