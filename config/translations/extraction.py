"""Every text of the project that people read: from code and templates, of shipped roles and policies, and the titles of
problems.
"""

import ast
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.template import engines
from django.template.base import Node, Template
from django.template.context import Context
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from config.settings.sections.section import PROJECT_ROOT
from config.translations.catalogue import Key

APPS = ("config", "events", "audit", "authz", "mfa", "accounts", "trading")
MODULE = "django.utils.translation"
# How many of the first arguments are texts, and in which order.
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "gettext": ("text",),
    "gettext_lazy": ("text",),
    "gettext_noop": ("text",),
    "ngettext": ("text", "plural"),
    "ngettext_lazy": ("text", "plural"),
    "pgettext": ("context", "text"),
    "pgettext_lazy": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
}
OF_THE_CLOCK = "periodic"  # `config.jobs.schedule.periodic`, whose name and description staff read
SHIPPED_ROLES = "authz/shipped/roles.json"
OUR_POLICIES = ("authz/shipped/policies", "authz/starting_points")
OF_PROBLEMS = {"errors.py", "problems.py", "kite_errors.py"}

Places = dict[Key, set[str]]


def all_texts() -> Places:
    """Each text with the files in which it is.

    Raises ValueError for one that is put together before it is looked up.
    """
    found: Places = defaultdict(set)
    for path in _files("*.py"):
        for key in in_python(path.read_text(), titles=path.name in OF_PROBLEMS):
            found[key].add(str(path.relative_to(PROJECT_ROOT)))
    for path in _files("*.html", "*.txt"):
        if "templates" in path.parts:
            for key in in_template(path.read_text()):
                found[key].add(str(path.relative_to(PROJECT_ROOT)))
    for key in in_roles((PROJECT_ROOT / SHIPPED_ROLES).read_text()):
        found[key].add(SHIPPED_ROLES)
    for folder in OUR_POLICIES:
        for path in sorted((PROJECT_ROOT / folder).glob("*.json")):
            found[in_policy(path.read_text())].add(str(path.relative_to(PROJECT_ROOT)))
    return dict(found)


def _files(*patterns: str) -> Iterator[Path]:
    for folder in (*APPS, "templates"):
        for pattern in patterns:
            for path in sorted((PROJECT_ROOT / folder).rglob(pattern)):
                if not {"tests", "migrations"} & set(path.parts):
                    yield path


def in_python(source: str, *, titles: bool = False) -> Iterator[Key]:
    """The texts in a module, and with `titles` those of its classes of problems."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == MODULE
        for alias in node.names
        if alias.name in FUNCTIONS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield from _called(node, FUNCTIONS[names[node.func.id]])
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == OF_THE_CLOCK:
            yield from _called(node, ("text",))
            yield from _described(node)
        elif titles and isinstance(node, ast.ClassDef):
            yield from _titles(node)


def _called(call: ast.Call, kinds: tuple[str, ...]) -> Iterator[Key]:
    arguments = call.args[: len(kinds)]
    if any(isinstance(argument, ast.JoinedStr) for argument in arguments):
        raise ValueError(f"A text is looked up as it is in the code: {ast.unparse(call)}")
    texts = [each.value for each in arguments if isinstance(each, ast.Constant)]
    if len(texts) == len(kinds):
        yield Key(**dict(zip(kinds, map(str, texts), strict=True)))


def _described(call: ast.Call) -> Iterator[Key]:
    """What staff read about an entry of the schedule."""
    for keyword in call.keywords:
        if keyword.arg == "description":
            if not isinstance(keyword.value, ast.Constant):
                raise ValueError(f"A text is looked up as it is in the code: {ast.unparse(call)}")
            yield Key(str(keyword.value.value))


def in_roles(source: str) -> Iterator[Key]:
    """What the shipped roles say of themselves, of which the console has a column."""
    for role in json.loads(source):
        yield Key(role["description"])


def in_policy(source: str) -> Key:
    """What a policy of ours says of itself."""
    return Key(json.loads(source)["description"])


def _titles(problem: ast.ClassDef) -> Iterator[Key]:
    for statement in problem.body:
        target = (
            statement.targets[0]
            if isinstance(statement, ast.Assign)
            else getattr(statement, "target", None)
        )
        value = getattr(statement, "value", None)
        is_title = isinstance(target, ast.Name) and target.id == "title"
        if is_title and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield Key(value.value)


def in_template(source: str) -> Iterator[Key]:
    """The texts of `translate` and `blocktranslate`."""
    template = Template(source, engine=engines["django"].engine)  # type: ignore[attr-defined]
    for node in _nodes(template, TranslateNode):
        text = getattr(node.filter_expression.var, "literal", None)
        if text:
            yield Key(str(text).replace("%", "%%"), _context(node))
    for node in _nodes(template, BlockTranslateNode):
        text, _ = node.render_token_list(node.singular)
        plural = node.render_token_list(node.plural)[0] if node.plural else ""
        yield Key(text, _context(node), plural)


def _nodes(template: Template, kind: type[Node]) -> list[Any]:
    return list(template.nodelist.get_nodes_by_type(kind))


def _context(node: Any) -> str:
    context = node.message_context
    return str(context.resolve(Context())) if context else ""
