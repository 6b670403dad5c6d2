"""One file: JSON or YAML, always written the same way, read strictly and within bounds."""

import json
import re
from enum import StrEnum
from typing import Any

import yaml

from authz.engine.errors import flawed
from config.http import json as strict_json
from config.http.problems import MalformedBodyError

LARGEST_FILE = 512 * 1024
DEEPEST = 32

# The order in which people read them; other names follow, sorted.
ORDER = (
    *("name", "description", "policy", "cases", "effect", "priority", "subjects", "actions"),
    *("resources", "scopes", "attr", "given", "subject", "subject_properties", "action"),
    *("resource", "resource_properties", "context", "now", "expect"),
    *("condition", "obligations", "enabled"),
)
RANK = {name: rank for rank, name in enumerate(ORDER)}


class Format(StrEnum):
    JSON = "json"
    YAML = "yaml"


SUFFIXES = {".json": Format.JSON, ".yaml": Format.YAML, ".yml": Format.YAML}


def dump(value: Any, form: Format) -> bytes:
    """The file for a value: the same value gives the same bytes."""
    ordered = _ordered(value)
    if form is Format.JSON:
        return (json.dumps(ordered, indent=2, ensure_ascii=False) + "\n").encode()
    text: str = yaml.dump(
        ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False
    )
    return text.encode()


def load(raw: bytes, form: Format) -> Any:
    """The value in a file. Raises PolicyError for what is too large, no JSON or YAML, or ambiguous."""
    if len(raw) > LARGEST_FILE:
        raise flawed("", "length", f"A file has at most {LARGEST_FILE} bytes.")
    try:
        if form is Format.YAML:
            raw = json.dumps(_from_yaml(raw), allow_nan=False).encode()
        return strict_json.parse(raw)
    except MalformedBodyError as problem:
        raise flawed("", "syntax", problem.detail) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise flawed("", "syntax", f"{error.problem or 'Not YAML'}{place}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise flawed("", "syntax", "Not YAML in UTF-8.") from None
    except (TypeError, ValueError, RecursionError):
        raise flawed("", "type", "Only what JSON can say.") from None


def _from_yaml(raw: bytes) -> Any:
    return yaml.load(raw.decode("utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (RANK.get(name, len(RANK)), name))
        return {name: _ordered(value[name]) for name in names}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


class _Loader(yaml.SafeLoader):
    """Only what JSON has too: no aliases, so nothing grows while it is read; no key twice; no dates."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="Aliases are not taken", problem_mark=mark)
        self.depth += 1
        if self.depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem=f"Nested deeper than {DEEPEST}", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise yaml.MarkedYAMLError(problem="A key is text", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"The key {key.value[:50]} stands there twice",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """Quotes what our loader would take for something else, and YAML 1.1 too."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> Any:
        """What cannot be seen is escaped: a plain line separator would be read as a line's end."""
        style = None if data.isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)

RESOLVERS = (
    ("bool", re.compile("true|false"), "tf"),
    ("null", re.compile("null|~|"), ["n", "~", ""]),
    ("int", re.compile("-?(?:0|[1-9][0-9]*)"), "-0123456789"),
    ("float", re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"), "-0123456789"),
)
for _name, _pattern, _first in RESOLVERS:
    _whole = re.compile(rf"(?:{_pattern.pattern})\Z")
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _whole, list(_first))
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _whole, list(_first))
