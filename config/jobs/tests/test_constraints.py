"""What the database itself does not let be."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.jobs.models import Job
from config.jobs.tests.factories import JobFactory, failed, running, succeeded

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.mark.parametrize(
    ("make", "change", "constraint"),
    [
        (JobFactory.create, {"state": "paused"}, "job_(started|state)"),
        (JobFactory.create, {"kind": "Not a kind"}, "job_kind_is_dotted_words"),
        (JobFactory.create, {"done": 2, "total": 1}, "job_done_within_total"),
        (JobFactory.create, {"owner_id": ""}, "job_owner_named_unless_system"),
        (JobFactory.create, {"owner_type": "system"}, "job_owner_named_unless_system"),
        (JobFactory.create, {"owner_type": "robot"}, "job_owner_named_unless_system"),
        (JobFactory.create, {"finished_at": NOW}, "job_finished_stamp_matches_state"),
        (succeeded, {"finished_at": None}, "job_finished_stamp_matches_state"),
        (JobFactory.create, {"started_at": NOW}, "job_started_stamp_matches_state"),
        (running, {"started_at": None}, "job_started_stamp_matches_state"),
        (running, {"lease_expires_at": None}, "job_held_while_running"),
        (succeeded, {"lease_expires_at": NOW}, "job_held_while_running"),
        (failed, {"error": ""}, "job_error_when_failed"),
        (succeeded, {"error": "but"}, "job_error_when_failed"),
        (running, {"result": {}}, "job_result_when_succeeded"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(
    make: Any, change: dict[str, Any], constraint: str
) -> None:
    job = make()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**change)
