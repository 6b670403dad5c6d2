"""What a change of our OpenAPI document would break at clients that keep to the old one.

A client sends what the old document allows and must be served; it reads what the old document promises and must find
it. Our endpoints refuse fields and parameters that they do not know, so taking one away breaks whoever sends it. A
client must bear values of an enumeration that it has not met, and fields that are new (`docs/integrators`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

Node = Mapping[str, Any]
Side = Literal["sent", "read"]

METHODS = ("get", "put", "post", "delete", "patch")
# Each with what a larger number does: an upper bound that falls, or a lower one that rises, refuses what was good.
UPPER = ("maxLength", "maximum", "maxItems", "exclusiveMaximum")
LOWER = ("minLength", "minimum", "minItems", "exclusiveMinimum")
DEEPEST = 12


def breaks(old: Node, new: Node) -> list[str]:
    """A sentence for each break, with its place; none when every client of `old` gets along with `new`."""
    return list(dict.fromkeys(_paths(_Documents(old, new))))


class _Documents:
    """Both, to look references up in. A pair of schemas is compared once for each side."""

    def __init__(self, old: Node, new: Node) -> None:
        self.old, self.new = old, new
        self._seen: set[tuple[str, str, Side]] = set()

    def resolved(self, node: Node, document: Node) -> Node:
        while "$ref" in node or _is_wrapper(node):
            if "$ref" not in node:
                node = node["allOf"][0]
                continue
            target: Any = document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def is_new(self, before: Node, after: Node, side: Side) -> bool:
        """Whether this pair of named schemas was not compared yet; what has no name always is."""
        names = (_name(before), _name(after), side)
        if not names[0] or names in self._seen:
            return not names[0]
        self._seen.add(names)
        return True


def _paths(documents: _Documents) -> Iterator[str]:
    for path, before in documents.old["paths"].items():
        after = documents.new["paths"].get(path)
        if after is None:
            yield f"{path}: is gone"
            continue
        for method in METHODS:
            if method in before:
                place = f"{method.upper()} {path}"
                if method not in after:
                    yield f"{place}: is gone"
                else:
                    yield from _operation(documents, place, before[method], after[method])


def _operation(documents: _Documents, place: str, before: Node, after: Node) -> Iterator[str]:
    yield from _parameters(documents, place, before, after)
    yield from _body(documents, place, before.get("requestBody"), after.get("requestBody"))
    yield from _security(place, before, after)
    for status, answer in before["responses"].items():
        now = after["responses"].get(status)
        if now is None:
            yield f"{place}: no longer answers {status}"
            continue
        yield from _content(documents, f"{place} {status}", answer, now, "read")
        for header in answer.get("headers", {}):
            if header not in now.get("headers", {}):
                yield f"{place} {status}: the header {header} is gone"


def _parameters(documents: _Documents, place: str, before: Node, after: Node) -> Iterator[str]:
    known = {(one["in"], one["name"]): one for one in before.get("parameters", ())}
    now = {(one["in"], one["name"]): one for one in after.get("parameters", ())}
    for key, parameter in known.items():
        where = f"{place} parameter {key[1]}"
        if key not in now:
            yield f"{where}: is gone"
            continue
        if now[key].get("required") and not parameter.get("required"):
            yield f"{where}: must be given now"
        yield from _schema(documents, where, parameter["schema"], now[key]["schema"], "sent")
    for key, parameter in now.items():
        if key not in known and parameter.get("required"):
            yield f"{place} parameter {key[1]}: is new and must be given"


def _body(
    documents: _Documents, place: str, before: Node | None, after: Node | None
) -> Iterator[str]:
    if before is None:
        if after is not None and after.get("required"):
            yield f"{place}: wants a body now"
        return
    if after is None:
        yield f"{place}: takes no body any more"
        return
    if after.get("required") and not before.get("required"):
        yield f"{place}: wants its body now"
    yield from _content(documents, f"{place} body", before, after, "sent")


def _security(place: str, before: Node, after: Node) -> Iterator[str]:
    """Each way in that there was is one still: with the same schemes, and no more scopes."""
    for way in before.get("security", [{}]):
        if not any(
            set(other) <= set(way) and all(set(other[name]) <= set(way[name]) for name in other)
            for other in after.get("security", [{}])
        ):
            yield f"{place}: no longer opens to {' and '.join(way) or 'strangers'}"


def _content(
    documents: _Documents, place: str, before: Node, after: Node, side: Side
) -> Iterator[str]:
    for media, content in before.get("content", {}).items():
        now = after.get("content", {}).get(media)
        if now is None:
            yield f"{place}: {media} is gone"
        elif "schema" in content and "schema" in now:
            yield from _schema(documents, place, content["schema"], now["schema"], side)


def _schema(
    documents: _Documents, place: str, before: Node, after: Node, side: Side
) -> Iterator[str]:
    if not documents.is_new(before, after, side):
        return
    before = documents.resolved(before, documents.old)
    after = documents.resolved(after, documents.new)
    if place.count(".") > DEEPEST:
        return
    yield from _types(place, before, after, side)
    yield from _values(place, before, after, side)
    if side == "sent":
        yield from _bounds(place, before, after)
    yield from _properties(documents, place, before, after, side)
    if "items" in before and "items" in after:
        yield from _schema(documents, f"{place}[]", before["items"], after["items"], side)
    for kind in ("oneOf", "anyOf"):
        if kind in before:
            yield from _variants(documents, place, before[kind], after.get(kind), side)


def _types(place: str, before: Node, after: Node, side: Side) -> Iterator[str]:
    known, now = _kinds(before), _kinds(after)
    if not known or not now:
        if not known and now and side == "sent":
            yield f"{place}: took anything, and takes {_told(now)} only"
        if known and not now and side == "read" and not _is_composed(after):
            yield f"{place}: was {_told(known)}, and may be anything"
        return
    if side == "sent" and (lost := known - _widened(now)):
        yield f"{place}: takes {_told(lost)} no longer"
    if side == "read" and (gained := now - _widened(known)):
        yield f"{place}: may be {_told(gained)} now"
    if before.get("format") != after.get("format") and known & now:
        yield f"{place}: has the format {after.get('format')}, and had {before.get('format')}"


def _values(place: str, before: Node, after: Node, side: Side) -> Iterator[str]:
    """Of what is sent, no value may go. Of what is read, none may come where none were told before."""
    if "enum" in before and "enum" in after and side == "sent":
        gone = [value for value in before["enum"] if value not in after["enum"]]
        if gone:
            yield f"{place}: takes {', '.join(map(str, gone))} no longer"
    if side == "sent" and "enum" in after and "enum" not in before and not _is_composed(before):
        yield f"{place}: takes only some values now"
    if side == "read" and "enum" in before and "enum" not in after and not _is_composed(after):
        yield f"{place}: had certain values, and may have any"


def _bounds(place: str, before: Node, after: Node) -> Iterator[str]:
    for name in UPPER:
        if name in after and after[name] < before.get(name, float("inf")):
            yield f"{place}: {name} is {after[name]}, and was {before.get(name, 'without end')}"
    for name in LOWER:
        if name in after and after[name] > before.get(name, float("-inf")):
            yield f"{place}: {name} is {after[name]}, and was {before.get(name, 'without end')}"
    if "pattern" in after and after["pattern"] != before.get("pattern"):
        yield f"{place}: has another pattern"


def _properties(
    documents: _Documents, place: str, before: Node, after: Node, side: Side
) -> Iterator[str]:
    known, now = before.get("properties", {}), after.get("properties", {})
    required, wanted = set(before.get("required", ())), set(after.get("required", ()))
    for name, schema in known.items():
        where = f"{place}.{name}"
        if name not in now:
            if not (side == "sent" and schema.get("readOnly")):
                yield f"{where}: is gone"
            continue
        if side == "read" and name in required - wanted:
            yield f"{where}: is no longer sure to be there"
        yield from _schema(documents, where, schema, now[name], side)
    if side == "sent":
        for name in sorted(wanted - required):
            yield f"{place}.{name}: must be given now"


def _variants(
    documents: _Documents, place: str, before: list[Node], after: list[Node] | None, side: Side
) -> Iterator[str]:
    """Variants are known by their names, or else by their places."""
    now = after or []
    known = {_name(one) or str(number): one for number, one in enumerate(before)}
    found = {_name(one) or str(number): one for number, one in enumerate(now)}
    for name in known.keys() & found.keys():
        yield from _schema(documents, f"{place}<{name}>", known[name], found[name], side)
    if side == "sent" and (gone := known.keys() - found.keys()):
        yield f"{place}: takes {', '.join(sorted(gone))} no longer"
    if side == "read" and (come := found.keys() - known.keys()):
        yield f"{place}: may be {', '.join(sorted(come))} now"


def _kinds(schema: Node) -> set[str]:
    kind = schema.get("type", ())
    return {kind} if isinstance(kind, str) else set(kind)


def _widened(kinds: set[str]) -> set[str]:
    """Whoever takes numbers takes whole ones."""
    return kinds | {"integer"} if "number" in kinds else kinds


def _is_composed(schema: Node) -> bool:
    return any(kind in schema for kind in ("oneOf", "anyOf", "allOf"))


def _is_wrapper(schema: Node) -> bool:
    """`allOf` with one entry: how a reference gets a description of its own."""
    return len(schema.get("allOf", ())) == 1 and "properties" not in schema


def _name(schema: Node) -> str:
    while _is_wrapper(schema):
        schema = schema["allOf"][0]
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _told(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
