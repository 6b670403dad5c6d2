"""`GET /v1/jobs` and `GET /v1/jobs/{id}`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from config.ids import new_uuid, public_id
from config.jobs.models import Job
from config.jobs.tests.factories import JobFactory, failed, running, succeeded

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


@pytest.fixture
def asha() -> User:
    person: User = UserFactory.create()
    return person


def job_of(person: User, make: Callable[..., Job] = JobFactory.create, **fields: Any) -> Job:
    return make(owner_type="user", owner_id=person.public_id, **fields)


def test_the_owner_sees_how_it_goes(api: Api, asha: User) -> None:
    job = job_of(asha, running, done=2, total=5)

    answer = api(asha).get(f"/v1/jobs/{job.public_id}")

    body = answer.json()
    assert answer.status_code == 200
    assert datetime.fromisoformat(body.pop("created_at")) == job.created_at
    assert datetime.fromisoformat(body.pop("started_at")) == job.started_at
    assert body == {
        "id": job.public_id,
        "kind": "tests.count",
        "state": "running",
        "done": 2,
        "total": 5,
        "result": None,
        "error": None,
        "finished_at": None,
    }


def test_the_result_and_the_reason_are_there_at_the_end(api: Api, asha: User) -> None:
    good = job_of(asha, succeeded, result={"rows": 3})
    bad = job_of(asha, failed, error="It broke.")

    body = api(asha).get(f"/v1/jobs/{good.public_id}").json()
    assert (body["state"], body["result"], body["error"]) == ("succeeded", {"rows": 3}, None)
    body = api(asha).get(f"/v1/jobs/{bad.public_id}").json()
    assert (body["state"], body["result"], body["error"]) == ("failed", None, "It broke.")
    assert body["finished_at"]


def test_a_service_sees_its_own(api: Api) -> None:
    job = JobFactory.create(owner_type="service", owner_id="ticker")

    assert api(service="ticker").get(f"/v1/jobs/{job.public_id}").status_code == 200
    assert api(service="other").get(f"/v1/jobs/{job.public_id}").status_code == 404


def test_a_person_and_a_service_of_the_same_name_are_two(api: Api, asha: User) -> None:
    job = JobFactory.create(owner_type="service", owner_id=asha.public_id)

    assert api(asha).get(f"/v1/jobs/{job.public_id}").status_code == 404


def test_others_cannot_tell_it_from_one_that_is_not_there(api: Api, asha: User) -> None:
    job = job_of(UserFactory.create())

    foreign = api(asha).get(f"/v1/jobs/{job.public_id}")
    missing = api(asha).get(f"/v1/jobs/{public_id('job', new_uuid())}")

    assert foreign.status_code == missing.status_code == 404
    varying = {"instance", "request_id"}
    assert {k: v for k, v in foreign.json().items() if k not in varying} == {
        k: v for k, v in missing.json().items() if k not in varying
    }
    assert foreign.json()["type"].endswith("/errors/job-not-found")


def test_staff_with_the_scope_see_everybodys(api: Api, asha: User) -> None:
    theirs, systems = (
        job_of(UserFactory.create()),
        JobFactory.create(owner_type="system", owner_id=""),
    )

    for job in (theirs, systems):
        assert api(asha).get(f"/v1/jobs/{job.public_id}").status_code == 404
        staff = api(asha, scopes={"jobs:read"})
        assert staff.get(f"/v1/jobs/{job.public_id}").status_code == 200


@pytest.mark.parametrize("job_id", ["job_nonsense", "usr_01h455vb4pex5vsknk084sn02q", "1", "%00"])
def test_what_is_no_job_id_names_no_job(job_id: str, api: Api, asha: User) -> None:
    answer = api(asha).get(f"/v1/jobs/{job_id}")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/job_01h455vb4pex5vsknk084sn02q"])
def test_strangers_are_asked_who_they_are(path: str, api: Api) -> None:
    answer = api().get(path)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/job_01h455vb4pex5vsknk084sn02q"])
def test_jobs_are_only_read(method: str, path: str, api: Api, asha: User) -> None:
    assert getattr(api(asha), method)(path).status_code == 405


def test_the_list_holds_the_callers_own_newest_first(api: Api, asha: User) -> None:
    mine = [job_of(asha).public_id for _ in range(3)]
    job_of(UserFactory.create())

    body = api(asha, scopes={"jobs:read"}).get("/v1/jobs").json()

    assert [row["id"] for row in body["results"]] == mine[::-1]
    assert body["next_cursor"] is None


def test_the_list_comes_in_pages_that_new_jobs_do_not_disturb(api: Api, asha: User) -> None:
    mine = [job_of(asha).public_id for _ in range(5)]
    client = api(asha)

    first = client.get("/v1/jobs?limit=2").json()
    job_of(asha)
    second = client.get(f"/v1/jobs?limit=2&cursor={first['next_cursor']}").json()
    third = client.get(f"/v1/jobs?limit=2&cursor={second['next_cursor']}").json()

    pages = [[row["id"] for row in page["results"]] for page in (first, second, third)]
    assert pages == [mine[:2:-1], mine[2:0:-1], mine[:1]]
    assert third["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x"])
def test_a_question_about_pages_must_make_sense(query: str, api: Api, asha: User) -> None:
    answer = api(asha).get(f"/v1/jobs?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_the_endpoints_are_documented(api: Api) -> None:
    paths = api().get("/v1/schema").json()["paths"]

    assert paths["/v1/jobs"]["get"]["operationId"] == "jobs_list"
    assert paths["/v1/jobs/{job_id}"]["get"]["operationId"] == "jobs_read"
