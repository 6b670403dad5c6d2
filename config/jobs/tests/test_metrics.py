"""What a scrape tells of jobs."""

import pytest
from django.test import Client

from config.jobs.tests.factories import JobFactory, failed, running

pytestmark = pytest.mark.django_db


def test_jobs_are_counted_by_kind_and_state(client: Client) -> None:
    JobFactory.create()
    JobFactory.create()
    running()
    failed(kind="tests.other")

    lines = client.get("/metrics").content.decode().splitlines()

    assert 'gatehouse_jobs{kind="tests.count",state="queued"} 2.0' in lines
    assert 'gatehouse_jobs{kind="tests.count",state="running"} 1.0' in lines
    assert 'gatehouse_jobs{kind="tests.other",state="failed"} 1.0' in lines
