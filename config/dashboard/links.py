"""Where the rows of a model are at the console, and whether they open for whoever asks."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse


def may_see(request: HttpRequest, model: str) -> bool:
    """Whether the list of `model` (`accounts.Session`) opens for whoever asks."""
    page = admin.site._registry.get(apps.get_model(model))
    return page is not None and page.has_view_permission(request)


def list_of(model: str, query: Mapping[str, str] | None = None) -> str:
    """The address of the list, narrowed by `query`."""
    address = reverse(f"admin:{_name(model)}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def row_of(model: str, key: Any) -> str:
    """The address of one row's page."""
    return reverse(f"admin:{_name(model)}_change", args=[key])


def _name(model: str) -> str:
    return model.replace(".", "_").lower()
