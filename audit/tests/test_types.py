"""The vocabulary of the trail."""

from collections.abc import Iterator

import pytest
from django.apps import apps

from audit.tests.factories import AuthEventFactory
from audit.types import AuditType, OCSFClass
from events.domain import DomainEvent


def subclasses(cls: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def test_every_event_of_every_app_speaks_the_vocabulary() -> None:
    ours = tuple(f"{app.name}." for app in apps.get_app_configs())
    strangers = {
        f"{event.__module__}.{event.__name__}: {event.audit_type}"
        for event in subclasses(DomainEvent)
        if event.audit_type
        and event.__module__.startswith(ours)
        and ".tests." not in event.__module__
        and event.audit_type not in set(AuditType)
    }
    assert strangers == set()


@pytest.mark.parametrize(
    ("kind", "ocsf"),
    [
        (AuditType.SIGN_IN_FAILED, 3002),
        (AuditType.PASSWORD_RESET, 3001),
        (AuditType.ROLE_GRANTED, 3005),
        (AuditType.POLICY_CREATED, 3004),
        (AuditType.CREDENTIALS_READ, 6003),
        (AuditType.SESSION_ANOMALY, 2004),
    ],
)
def test_a_type_has_its_ocsf_class(kind: AuditType, ocsf: int) -> None:
    assert kind.ocsf_class == ocsf
    assert AuthEventFactory.build(event_type=kind.value).ocsf_class == ocsf


def test_a_type_that_a_newer_release_wrote_has_no_class_here() -> None:
    assert AuthEventFactory.build(event_type="future.thing").ocsf_class is None


def test_classes_have_names_for_metrics() -> None:
    assert OCSFClass.ACCOUNT_CHANGE.label == "account_change"


def test_a_pattern_names_a_type_or_a_family() -> None:
    assert AuditType.matching("auth.logout") == {AuditType.SIGNED_OUT}
    assert AuditType.matching("auth.token.*") == {
        AuditType.TOKEN_REFRESHED,
        AuditType.TOKEN_REUSED,
    }
    family = AuditType.matching("auth.*")
    assert AuditType.STEPPED_UP in family
    assert AuditType.ROLE_GRANTED not in family  # authz., which only begins alike


@pytest.mark.parametrize("pattern", ["", "*", ".*", "auth", "auth.", "auth.log*", "nothing.*"])
def test_other_patterns_name_nothing(pattern: str) -> None:
    assert AuditType.matching(pattern) == frozenset()
