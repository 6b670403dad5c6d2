"""A browser as small as the login page needs: it reads forms and sends them."""

from html.parser import HTMLParser
from typing import Self
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests


class Page(HTMLParser):
    """What a person sees of a page: its form, the labels of its fields, an alert."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.action = ""
        self.fields: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.alert = ""
        self._inside: tuple[str, str] | None = None
        self.feed(response.text)
        self.url = urljoin(response.url, self.action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._inside = None
        if tag == "form":
            self.action = attributes.get("action") or ""
        elif tag == "input":
            self.fields[attributes.get("name") or ""] = attributes.get("value") or ""
        elif tag == "label":
            self._inside = ("label", attributes.get("for") or "")
        elif attributes.get("role") == "alert":
            self._inside = ("alert", "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None and self._inside[0] == "label":
            self.labels[data.strip()] = self._inside[1]
        elif self._inside is not None:
            self.alert = data.strip()


class Browser:
    """Opens a page, fills its form by the labels, sends it, and stops at the way back to the app."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def open(self, url: str) -> Page:
        return Page(self._session.get(url, timeout=60))

    def send(self, page: Page, *, decision: str = "continue", **values: str) -> Page | str:
        """The next page, or the URL of the app that the person is sent back to.

        `values` go by the labels of the fields, with `_` for a blank.
        """
        filled = dict(page.fields)
        for label, value in values.items():
            filled[page.labels[label.replace("_", " ")]] = value
        response = self._session.post(
            page.url, data=filled | {"decision": decision}, allow_redirects=False, timeout=5
        )
        return response.headers["Location"] if response.is_redirect else Page(response)


def walk_login(login_url: str, *, user_id: str, password: str, pin: str) -> str:
    """Log in as that person would; returns the URL that the browser is sent back to."""
    with Browser() as browser:
        code_page = browser.send(browser.open(login_url), User_ID=user_id, Password=password)
        assert isinstance(code_page, Page), code_page
        assert not code_page.alert, code_page.alert
        way_back = browser.send(code_page, **{"Six-digit_code": pin})
        assert isinstance(way_back, str), way_back
        return way_back


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
