"""What the console calls columns that were declared without a name, in words that are translated.

Django makes a name of the field's (`created at`), which no catalogue knows. A name given here is no part of a
migration: the model keeps what it was declared with.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

NAMES: Mapping[str, Any] = {
    "created_at": _("created at"),
    "updated_at": _("updated at"),
    "destroyed_at": _("destroyed at"),
    "user": _("user"),
    "role": _("role"),
    "policy": _("policy"),
    "webhook": _("webhook"),
    "event": _("event"),
    "event_id": _("event id"),
    "subject_kind": _("kind of subject"),
    "subject_id": _("subject"),
    "provider": _("key service"),
    "kek_id": _("key-encryption key"),
    "kek_version": _("its version"),
}


def name_columns(models: Iterable[type[Model]]) -> None:
    """Give the fields of `models` that were declared without a name theirs of `NAMES`. Called once all are loaded."""
    for model in models:
        for field in model._meta.fields:
            if field._verbose_name is None and field.name in NAMES:  # type: ignore[attr-defined]
                field.verbose_name = NAMES[field.name]
        public_id: Any = getattr(model, "public_id", None)
        if isinstance(public_id, property):
            public_id.fget.short_description = _("public id")  # type: ignore[union-attr]
