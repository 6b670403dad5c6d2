"""Every address of the API, read from the URL map: a new endpoint is here by itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One method of one path; `path` has its parameters in angle brackets."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    def filled(self, values: dict[str, str]) -> str:
        """The path with each parameter's value. Raises KeyError naming a parameter that nobody thought of."""
        return PARAMETER.sub(lambda found: values[found[1]], self.path)


def addresses() -> list[Address]:
    """All of the API, in the order of the URL map."""
    return [
        Address(method, path)
        for path, view in _walk(get_resolver().url_patterns, "/")
        if path.startswith(("/v1/", "/access/"))
        for method in _methods(view)
    ]


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def _methods(view: Any) -> Iterator[str]:
    """Those of a class; a plain view is taken to know each of them."""
    made_of = getattr(view, "cls", None) or getattr(view, "view_class", None)
    for method in METHODS:
        if made_of is None or hasattr(made_of, method):
            yield method
