"""Questions as JSON, read strictly: what a serializer would do, without its price."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from authz.engine.references import LONGEST
from authz.services.decisions import Question, flaws_of
from config.http.problems import MOST_ERRORS, FieldError, InvalidRequestError

MEMBERS = ("subject", "action", "resource")
KNOWN = frozenset({*MEMBERS, "context"})


def read_question(body: Mapping[str, Any]) -> Question:
    """One `{subject, action, resource, context?}`. Raises InvalidRequestError naming every part that is malformed."""
    question, flaws = _read(body, "")
    if question is None:
        raise InvalidRequestError(errors=flaws[:MOST_ERRORS])
    return question


def read_batch(body: Mapping[str, Any]) -> list[Question]:
    """`{checks: […]}`, none or all. Raises InvalidRequestError naming `checks.<index>.<part>`."""
    if unknown := [name for name in body if name != "checks"]:
        raise InvalidRequestError(errors=_unknown(unknown, ""))
    questions: list[Question] = []
    flaws: list[FieldError] = []
    for index, item in enumerate(_checks(body)):
        question, found = _read(item, f"checks.{index}")
        if question is not None:
            questions.append(question)
        flaws += found
        if len(flaws) >= MOST_ERRORS:
            break
    if flaws:
        raise InvalidRequestError(errors=flaws[:MOST_ERRORS])
    return questions


def _checks(body: Mapping[str, Any]) -> list[Any]:
    if "checks" not in body:
        raise InvalidRequestError(errors=[_required("checks")])
    checks, most = body["checks"], settings.ENVIRONMENT.decision_batch_size
    if not isinstance(checks, list):
        flaw = FieldError("checks", "not_a_list", "Must be a list of questions.")
    elif not checks:
        flaw = FieldError("checks", "empty", "This list may not be empty.")
    elif len(checks) > most:
        flaw = FieldError("checks", "too_many", f"At most {most} in one request.")
    else:
        return checks
    raise InvalidRequestError(errors=[flaw])


def _read(item: Any, place: str) -> tuple[Question | None, list[FieldError]]:
    if not isinstance(item, dict):
        return None, [FieldError(place, "invalid", "Must be an object.")]
    prefix = f"{place}." if place else ""
    if not item.keys() <= KNOWN:
        return None, _unknown([name for name in item if name not in KNOWN], prefix)
    flaws = [
        flaw for name in MEMBERS if (flaw := _text_flaw(item, name, f"{prefix}{name}")) is not None
    ]
    context = item.get("context", {})
    if not isinstance(context, dict):
        flaws.append(FieldError(f"{prefix}context", "not_a_dict", "Must be an object."))
    if flaws:
        return None, flaws
    question = Question(
        subject=item["subject"].strip(),
        action=item["action"].strip(),
        resource=item["resource"].strip(),
        context=context,
    )
    flaws = flaws_of(question, prefix)
    return (None, flaws) if flaws else (question, [])


def _text_flaw(item: Mapping[str, Any], name: str, place: str) -> FieldError | None:
    if name not in item:
        return _required(place)
    value = item[name]
    if not isinstance(value, str):
        return FieldError(place, "invalid", "Not a valid string.")
    text = value.strip()
    if not text:
        return FieldError(place, "blank", "This field may not be blank.")
    if len(text) > LONGEST:
        return FieldError(place, "max_length", f"At most {LONGEST} characters.")
    return None


def _required(place: str) -> FieldError:
    return FieldError(place, "required", "This field is required.")


def _unknown(names: list[str], prefix: str) -> list[FieldError]:
    return [
        FieldError(f"{prefix}{name}", "unknown", "No such field.")
        for name in sorted(names)[:MOST_ERRORS]
    ]
