"""What this floor does when something happened elsewhere."""

from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import transaction

from authz.freshness import stamps
from authz.models import Role, Stamp
from authz.recording import recorder
from events.domain import DomainEvent


def renew_stamps(*, event: DomainEvent, **_: Any) -> None:
    """What the event touches is out of date, for every process, when the call that emitted it has returned."""
    if event.touches:
        stamps.touch(event.touches)


def write_down_decisions(**_: Any) -> None:
    """A process of a worker's pool ends without the interpreter's goodbye."""
    recorder.stop()


def after_migrate(*, using: str, apps: Apps = installed_apps, **_: Any) -> None:
    """The shipped roles exist wherever the tables do, and whatever a migration did to the rules is seen at once."""
    from authz.services import shipped  # noqa: PLC0415 - its models are not ready when signals are connected

    if using == "default" and all(_is_up_to_date(model, apps) for model in (Role, Stamp)):
        with transaction.atomic():
            shipped.install_roles()
            stamps.touch({stamps.POLICIES})


def _is_up_to_date(model: type[Any], migrated: Apps) -> bool:
    """Whether the database's table is the one that this code expects: one can migrate backwards."""
    try:
        state = migrated.get_model(model._meta.label)
    except LookupError:
        return False
    return {f.column for f in state._meta.fields} == {f.column for f in model._meta.fields}
