"""Query parameters, read strictly."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import QueryDict

from config.http.problems import FieldError, InvalidRequestError

PAGING = ("limit", "cursor")  # read by the paginator


def once_each(parameters: QueryDict, *, repeatable: Collection[str] = ()) -> Mapping[str, Any]:
    """The parameters but those of paging, the `repeatable` ones as lists.

    Plain values, so that an empty one is an error and not an absence. Raises InvalidRequestError for a parameter that
    is given twice.
    """
    asked = {name: values for name, values in parameters.lists() if name not in PAGING}
    twice = [name for name, values in asked.items() if name not in repeatable and len(values) > 1]
    if twice:
        raise InvalidRequestError(
            errors=[FieldError(name, "repeated", "Give it once.") for name in sorted(twice)]
        )
    return {name: values if name in repeatable else values[0] for name, values in asked.items()}
