"""How a person wants the platform to behave: a small document with a known shape."""

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
from django.db import transaction

from accounts.events.people import PreferencesUpdated
from accounts.models import Preferences, User
from config.http.problems import FieldError, InvalidRequestError
from events.domain import emit

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "theme": {"enum": ["system", "light", "dark"]},
        "default_trading_account_id": {"type": ["string", "null"], "maxLength": 40},
        "notifications": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "new_device_email": {"type": "boolean"},
                "broker_login_email": {"type": "boolean"},
                "product_news_email": {"type": "boolean"},
            },
        },
    },
}
DEFAULTS: Mapping[str, Any] = {
    "theme": "system",
    "default_trading_account_id": None,
    "notifications": {
        "new_device_email": True,
        "broker_login_email": True,
        "product_news_email": False,
    },
}

LONGEST_COMPLAINT = 200  # of what is wrong with a value: it quotes the value

Precondition = Callable[[Preferences], None]
Reachable = Callable[[User, str], bool]
_reachable: list[Reachable] = []


def register_reachable_accounts(check: Reachable) -> None:
    """The trading floor tells whether a person reaches a trading account."""
    _reachable.append(check)


def of(user: User) -> Preferences:
    """The row of what the person chose, which is made when there is none yet."""
    return Preferences.objects.get_or_create(user=user)[0]


def document_of(row: Preferences) -> dict[str, Any]:
    """The whole document: what the person chose, on top of the defaults."""
    document: dict[str, Any] = merge_patch(DEFAULTS, row.values)
    return dict(DEFAULTS) | document


def replace(
    *, user: User, document: Mapping[str, Any], precondition: Precondition = lambda _: None
) -> Preferences:
    """Put the document in place of what was chosen before; null is no choice.

    `precondition` sees the row held locked, and raises if it must not change now. Raises InvalidRequestError, naming
    the field.
    """
    return _store(user, lambda _: merge_patch({}, document), precondition)


def patch(
    *, user: User, changes: Mapping[str, Any], precondition: Precondition = lambda _: None
) -> Preferences:
    """Apply a JSON merge patch (RFC 7396): null takes a choice back. Otherwise as `replace`."""
    return _store(user, lambda chosen: merge_patch(chosen, changes), precondition)


def forget_trading_account(*, user: User, account_id: str) -> None:
    """`user` does not reach that account any more: if it was their default, they have none."""
    chosen = {"default_trading_account_id": account_id}
    if Preferences.objects.filter(user=user, values__contains=chosen).exists():
        patch(user=user, changes={"default_trading_account_id": None})


def merge_patch(target: Any, changes: Any) -> Any:
    """RFC 7396 section 2."""
    if not isinstance(changes, Mapping):
        return changes
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def _store(
    user: User, change: Callable[[dict[str, Any]], dict[str, Any]], precondition: Precondition
) -> Preferences:
    with transaction.atomic():
        row, _ = Preferences.objects.select_for_update().get_or_create(user=user)
        precondition(row)
        before = row.values
        after = change(before)
        _validate(user, after)
        if after != before:
            row.values = after
            row.save()
            changed = tuple(
                sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
            )
            emit(PreferencesUpdated(user_id=user.public_id, changed=changed))
    return row


def _validate(user: User, document: Mapping[str, Any]) -> None:
    failures = sorted(
        jsonschema.Draft202012Validator(SCHEMA).iter_errors(document), key=lambda e: list(e.path)
    )
    if failures:
        raise InvalidRequestError(
            errors=[
                FieldError(
                    ".".join(map(str, failure.path)),
                    str(failure.validator),
                    failure.message[:LONGEST_COMPLAINT],
                )
                for failure in failures
            ]
        )
    account = document.get("default_trading_account_id")
    if account is not None and not any(check(user, account) for check in _reachable):
        raise InvalidRequestError(
            errors=[
                FieldError(
                    "default_trading_account_id", "unreachable", "No account that you can reach."
                )
            ]
        )
