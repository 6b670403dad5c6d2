"""The page of an archive: everything in it, to be read in a browser. It runs nothing and loads nothing."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 1rem}th{text-align:left;width:14rem}"
    "th,td{border:1px solid #8888;padding:.25rem .5rem;vertical-align:top;overflow-wrap:anywhere}"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
END = "</body></html>\n"


def beginning(person: str) -> SafeString:
    return format_html(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{}"><title>{}</title><style>{}</style></head>'
        "<body><h1>{}</h1><p>{}</p>\n",
        POLICY,
        _("Your data"),
        SafeString(STYLE),
        _("Your data"),
        person,
    )


def heading(area: str) -> SafeString:
    return format_html("<h2>{}</h2>\n", area.replace("_", " ").capitalize())


def row(values: Mapping[str, Any]) -> SafeString:
    cells = ((name.replace("_", " "), _shown(value)) for name, value in values.items())
    table = format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", cells)
    return format_html("<table>{}</table>\n", table)


def ending(count: int) -> SafeString:
    return SafeString("") if count else format_html("<p>{}</p>\n", _("Nothing."))


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
