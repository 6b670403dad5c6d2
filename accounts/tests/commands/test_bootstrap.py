"""`manage.py bootstrap` brings an empty database to where the service can start."""

import io
import json

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from accounts.models import SigningKey, User
from accounts.services.console_link import ADMIN_EMAIL
from authz.models import Policy, Role


def bootstrap(*arguments: str) -> str:
    out = io.StringIO()
    call_command("bootstrap", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_it_installs_what_the_service_needs_and_leaves_it_alone_the_next_time() -> None:
    first = json.loads(bootstrap("--json"))
    counts = [model.objects.count() for model in (Role, Policy, SigningKey, PeriodicTask)]
    assert all(counts)
    assert json.loads(bootstrap("--json")) == first
    assert [model.objects.count() for model in (Role, Policy, SigningKey, PeriodicTask)] == counts


@pytest.mark.django_db
def test_a_console_link_comes_with_the_first_administrator() -> None:
    assert "console_link: http" in bootstrap("--console-link")
    assert User.objects.get().email == ADMIN_EMAIL


@pytest.mark.django_db
def test_without_asking_nobody_is_made() -> None:
    bootstrap()
    assert not User.objects.exists()
