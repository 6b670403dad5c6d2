"""Jobs in the console."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from authz.services.roles import grant_role
from config.jobs.models import Job
from config.jobs.tests.factories import ASHA, JobFactory, failed, running

pytestmark = pytest.mark.django_db
LIST = "/console/jobs/job/"


def page(job: Job) -> str:
    return f"{LIST}{job.pk}/change/"


@pytest.fixture
def staff(client: Client) -> User:
    """Somebody who supports people, signed in at the console."""
    person: User = UserFactory.create()
    grant_role(user=person, role="support", granted_by=None, reason="supports people")
    sign_in_browser(person, browser=client)
    return person


def test_staff_see_what_runs_for_whom_and_what_failed_why(staff: User, client: Client) -> None:
    running(done=2, total=5)
    failed(error="The broker did not answer.", owner_type="system", owner_id="")

    text = client.get(LIST).content.decode()

    for shown in ("2 / 5", ASHA.id, "The broker did not answer.", "Gatehouse itself"):
        assert shown in text


def test_staff_find_the_jobs_of_a_person_and_of_a_request(staff: User, client: Client) -> None:
    job = JobFactory.create(request_id="req-1")
    other = JobFactory.create(owner_id="usr_other")

    for term in (ASHA.id, "req-1"):
        text = client.get(LIST, {"q": term}).content.decode()
        assert job.public_id in text
        assert other.public_id not in text


def test_staff_see_one_whole(staff: User, client: Client) -> None:
    answer = client.get(page(JobFactory.create(arguments={"account_id": "acc_1"})))

    assert answer.status_code == 200
    assert "acc_1" in answer.content.decode()


def test_nobody_changes_jobs_by_hand(staff: User, client: Client) -> None:
    job = JobFactory.create()

    assert client.post(page(job), {"state": "failed"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{job.pk}/delete/").status_code == 403
    job.refresh_from_db()
    assert job.state == "queued"


def test_others_see_no_jobs(client: Client) -> None:
    sign_in_browser(UserFactory.create(), browser=client)

    assert client.get(LIST).status_code in {302, 403}
