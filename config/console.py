"""What the console's pages about large, read-only tables share."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

COUNTED_EXACTLY = (
    1_000  # rows; above it the planner's estimate is good enough and a count is not cheap
)
LAST_PAGE = 50  # deep pages cost an OFFSET: narrow the list instead


class EstimatedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages over a table of any size: counts exactly while that is cheap, and takes the planner's word after."""

    @cached_property
    def count(self) -> int:
        queryset: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        counted = queryset.order_by()[: COUNTED_EXACTLY + 1].count()
        return counted if counted <= COUNTED_EXACTLY else max(counted, _estimate(queryset))

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, LAST_PAGE)


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """A list and pages to look at, with nothing to change."""

    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _estimate(queryset: QuerySet[Any]) -> int:
    """How many rows PostgreSQL expects the query to return, from its statistics."""
    sql, parameters = queryset.order_by().query.sql_with_params()
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        (plans,) = cursor.fetchone()
    return int(plans[0]["Plan"]["Plan Rows"])
