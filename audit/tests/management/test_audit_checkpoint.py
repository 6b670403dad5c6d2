"""`manage.py audit_checkpoint`."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from audit.chain.checkpoint_models import AuditCheckpoint
from audit.tests.factories import AuthEventFactory

pytestmark = pytest.mark.django_db


def test_it_signs_and_prints_what_may_be_kept_elsewhere() -> None:
    AuthEventFactory.create_batch(2)
    out, err = StringIO(), StringIO()
    call_command("audit_checkpoint", stdout=out)
    call_command("audit_checkpoint", "--replace-key", stdout=out, stderr=err)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["statement"] == AuditCheckpoint.objects.get(number=1).statement
    assert (first["number"], second["number"]) == (1, 2)
    assert first["kid"] != second["kid"]
    assert second["kid"] in err.getvalue()
