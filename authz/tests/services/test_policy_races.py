"""Changes of one policy at the same time."""

import pytest
from django.db import transaction

from authz.models import Policy
from authz.services import policies
from authz.tests.factories import write_policy
from events.tests.threads import threads
from tests.racing import sessions_that_wait
from tests.waiting import wait_until


@pytest.mark.django_db(transaction=True)
def test_whoever_waited_for_a_policy_finds_its_new_version() -> None:
    policy = write_policy("open")

    def version() -> int:
        with transaction.atomic():
            held = policies._locked(policy.pk, precondition=policies.unconditional)
            return held.current.number

    with threads(1) as others:
        with transaction.atomic():
            waited_for = Policy.objects.select_for_update().get(pk=policy.pk)
            waiting = others.run(version)
            wait_until(lambda: sessions_that_wait() == 1, "the other waits")
            policies.update(
                policy_id=waited_for.pk,
                document={**policy.current.document, "description": "changed"},
                by="user:usr_1",
                reason="a test",
            )
        assert waiting.result() == 2
