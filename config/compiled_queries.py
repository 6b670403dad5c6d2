"""Queries that are asked at every request: the ORM makes their SQL once in a process, and only the values change.

Making the SQL of an ordinary query takes the ORM longer than PostgreSQL takes to answer it. The query stays what it is
everywhere else, made of the named steps of its queryset; `parameter` stands where a value will be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, get_related_populators

Row = TypeVar("Row")
Make = Callable[[Sequence[Any]], Any]
Converter = Callable[[Any, Any, Any], Any]


class _Parameter(Expression):
    """Any value that the driver can send as it is: PostgreSQL sees what a literal of its type would be."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


def parameter(name: str) -> Any:
    """A place for the value that `CompiledQuery.rows` is given under `name`. Never None, which SQL asks for in another
    way, and no collection.
    """
    return _Parameter(name)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: Sequence[Any]
    converters: Mapping[int, tuple[Sequence[Converter], Any]]
    make: Make


class CompiledQuery(Generic[Row]):
    """`build` makes the queryset, of models or of `values_list`, when it is first asked. Nothing in it may depend on
    what changes while the process runs. Safe for threads.
    """

    def __init__(self, build: Callable[[], "models.QuerySet[Any, Row]"]) -> None:
        self._build = build
        self._statement: _Statement | None = None

    def rows(self, **values: Any) -> list[Row]:
        """What PostgreSQL answers now: rows as the queryset would give them. Raises KeyError for a missing value."""
        statement = self._statement
        if statement is None:
            statement = self._statement = _compile(self._build())
        parameters = [
            values[one.name] if isinstance(one, _Parameter) else one for one in statement.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, parameters)
            fetched = cursor.fetchall()
        return [statement.make(_converted(row, statement.converters)) for row in fetched]

    def first(self, **values: Any) -> Row | None:
        """The first of the rows, None without any. The query says itself that it wants one."""
        rows = self.rows(**values)
        return rows[0] if rows else None


def _compile(queryset: Any) -> _Statement:
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    columns = [column[0] for column in compiler.select[: compiler.col_count]]
    of_models = issubclass(queryset._iterable_class, ModelIterable)
    make = _model_maker(compiler) if of_models else tuple
    return _Statement(sql, parameters, compiler.get_converters(columns), make)


def _converted(row: Sequence[Any], converters: Mapping[int, Any]) -> Sequence[Any]:
    if not converters:
        return row
    values = list(row)
    for position, (steps, expression) in converters.items():
        for step in steps:
            values[position] = step(values[position], expression, connection)
    return values


def _model_maker(compiler: Any) -> Make:
    """As `ModelIterable` makes them, with what was annotated and `select_related`."""
    described = compiler.klass_info
    model, positions = described["model"], described["select_fields"]
    begin, end = positions[0], positions[-1] + 1
    names = [column[0].target.attname for column in compiler.select[begin:end]]
    populators: Any = get_related_populators  # its stub is of a later Django
    related = populators(described, compiler.select, DEFAULT_DB_ALIAS)
    annotated = dict(compiler.annotation_col_map or {})

    def make(row: Sequence[Any]) -> Any:
        instance = model.from_db(DEFAULT_DB_ALIAS, names, row[begin:end])
        for one in related:
            one.populate(row, instance)
        for name, position in annotated.items():
            setattr(instance, name, row[position])
        return instance

    return make
