"""What a handler is given and what it returns."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Request:
    """`target` is path and query as they came; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """The body as a browser or Kite's clients send it; empty for any other content."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def json(cls, document: Any, *, status: int = 200) -> "Reply":
        return cls(
            status=status, headers={"Content-Type": JSON}, body=json.dumps(document).encode()
        )

    @classmethod
    def page(cls, markup: str, *, status: int = 200) -> "Reply":
        headers = {"Content-Type": HTML, "Cache-Control": "no-store"}
        return cls(status=status, headers=headers, body=markup.encode())

    @classmethod
    def redirect(cls, url: str) -> "Reply":
        return cls(status=302, headers={"Location": url, "Cache-Control": "no-store"})
