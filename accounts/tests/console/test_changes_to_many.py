"""A change to many people is a job, which goes on where its worker died."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.models.user import UserStatus
from accounts.services import bulk_changes
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from authz.models import RoleGrant
from authz.services.roles import grant_role
from config.http.principal import Principal
from config.http.problems import InvalidRequestError
from config.jobs import services as jobs
from config.jobs.models import Job, JobState
from config.jobs.running import JobRun
from mfa.models import Passkey, ResetRequest
from mfa.tests.factories import a_passkey

pytestmark = pytest.mark.django_db
PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture
def crowd() -> list[User]:
    return UserFactory.create_batch(4, name="One of a crowd")


@pytest.fixture
def few_at_once(environment: Any) -> None:
    environment(bulk_change_at_once=2)


def choose(browser: Client, people: list[User], **fields: str) -> str:
    body = {
        "action": "suspend",
        "_selected_action": [str(user.pk) for user in people],
        "index": "0",
    }
    answer = browser.post(f"{PEOPLE}?q=crowd", body | fields, follow=True)
    return answer.content.decode()


@pytest.mark.usefixtures("few_at_once")
def test_many_are_a_job_that_tells_how_far_it_is(
    at_console: AtConsole, crowd: list[User], django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=crowd[1].pk).update(status=UserStatus.ERASED)
    browser = at_console("admin")
    with django_capture_on_commit_callbacks(execute=True):
        page = choose(browser, crowd, reason="a ring", counted="4")
    job = Job.objects.get(kind="people.change")
    assert job.public_id in page
    assert (job.state, job.done, job.total) == (JobState.SUCCEEDED, 4, 4)
    assert job.result is not None
    assert job.result["refusals"] == 1
    assert job.result["refused"] == [
        {"person": crowd[1].public_id, "why": "From erased to suspended."}
    ]
    assert User.objects.filter(status=UserStatus.SUSPENDED).count() == 3
    rows = AuthEvent.objects.filter(event_type="account.suspended")
    assert {row.actor_id for row in rows} == {job.owner_id}


@pytest.mark.usefixtures("few_at_once")
def test_everybody_who_matches_is_chosen_for_as_many_as_were_counted(
    at_console: AtConsole, crowd: list[User], django_capture_on_commit_callbacks: Any
) -> None:
    browser = at_console("admin")
    asked = choose(browser, crowd[:1], select_across="1")
    assert 'name="counted" value="4"' in asked
    UserFactory.create(name="A late one of a crowd")
    again = choose(browser, crowd[:1], select_across="1", counted="4", reason="a ring")
    assert "Meanwhile others match" in again
    assert not Job.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        choose(browser, crowd[:1], select_across="1", counted="5", reason="a ring")
    assert User.objects.filter(status=UserStatus.SUSPENDED).count() == 5


def staff(role: str = "support") -> User:
    person: User = UserFactory.create()
    grant_role(user=person, role=role, granted_by=None, reason="test")
    return person


def run_of(crowd: list[User], by: User, *, done: int = 0) -> JobRun:
    principal = Principal(type="user", id=by.public_id)
    people = [user.public_id for user in crowd]
    job = bulk_changes.start(change="suspend", people=people, reason="a ring", by=principal)
    jobs.start(job.public_id)
    if done:
        jobs.report_progress(job.public_id, done)
    return JobRun(job_id=job.public_id, attempt=1, done=done, total=len(crowd))


@pytest.mark.usefixtures("few_at_once", "ready")
def test_resets_of_factors_are_asked_for_by_a_job_and_wait_for_another_of_the_staff(
    crowd: list[User], django_capture_on_commit_callbacks: Any
) -> None:
    by = staff()
    for user in crowd:
        a_passkey(user)
    principal = Principal(type="user", id=by.public_id)
    people = [user.public_id for user in crowd]
    with django_capture_on_commit_callbacks(execute=True):
        bulk_changes.start(change="reset_factors", people=people, reason="a theft", by=principal)
    assert Job.objects.get().state == JobState.SUCCEEDED
    requests = ResetRequest.objects.filter(requested_by=by)
    assert {each.user for each in requests} == set(crowd)
    assert Passkey.objects.count() == 4


@pytest.mark.usefixtures("ready")
def test_another_worker_goes_on_behind_the_last_that_was_done(crowd: list[User]) -> None:
    by = staff()
    run = run_of(crowd, by, done=3)
    arguments = Job.objects.get().arguments
    result = bulk_changes.perform(run, **arguments)
    assert (result["people"], result["earlier"], result["refusals"]) == (4, 3, 0)
    assert list(User.objects.filter(status=UserStatus.SUSPENDED)) == [crowd[3]]


@pytest.mark.usefixtures("ready")
def test_whoever_loses_the_right_meanwhile_changes_nobody_more(crowd: list[User]) -> None:
    by = staff()
    run = run_of(crowd, by)
    RoleGrant.objects.all().delete()
    result = bulk_changes.perform(run, **Job.objects.get().arguments)
    assert result["refusals"] == 4
    assert not User.objects.filter(status=UserStatus.SUSPENDED).exists()


def test_too_many_are_refused_at_once(crowd: list[User], environment: Any) -> None:
    environment(bulk_change_most=3)
    with pytest.raises(InvalidRequestError):
        run_of(crowd, crowd[0])
    assert not Job.objects.exists()
