"""An `Idempotency-Key` makes a request happen once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from config.http.idempotency import forget_expired
from config.http.models import IdempotencyRecord
from config.http.tests import echo
from config.vault import kms
from config.vault.errors import VaultUnavailableError
from config.vault.opened_keys import opened_keys
from tests.racing import at_once

Api = Callable[..., APIClient]
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


def post(client: APIClient, body: dict[str, Any], headers: dict[str, str] = KEY) -> Any:
    return client.post("/v1/once", body, format="json", headers=headers)


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer(api: Api) -> None:
    first, again = post(api(), {"a": 1, "b": 2}), post(api(), {"b": 2, "a": 1})
    assert (
        (first.status_code, first.json()) == (again.status_code, again.json()) == (201, {"call": 1})
    )
    assert again["Idempotent-Replayed"] == "true"
    assert len(echo.calls) == 1


@pytest.mark.django_db
def test_the_kept_answer_is_sealed_and_opens_in_its_record_alone(api: Api) -> None:
    other = KEY | {"Idempotency-Key": "another"}
    post(api(), {"a": 1})
    post(api(), {"a": 1}, headers=other)
    first, second = IdempotencyRecord.objects.order_by("id")
    assert b"call" not in bytes(first.body or b"")
    IdempotencyRecord.objects.filter(pk=second.pk).update(body=first.body)
    assert post(api(), {"a": 1}).json() == {"call": 1}
    client = api()
    client.raise_request_exception = False
    assert post(client, {"a": 1}, headers=other).status_code == 500


@pytest.mark.django_db
def test_without_the_vault_nothing_is_carried_out(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise VaultUnavailableError

    post(api(), {"a": 1})
    opened_keys.clear()
    monkeypatch.setattr(kms, "unwrap", away)
    assert post(api(), {"a": 2}, headers={"Idempotency-Key": "another"}).status_code == 503
    assert len(echo.calls) == 1


@pytest.mark.django_db
def test_without_a_key_each_request_counts(api: Api) -> None:
    assert [post(api(), {}, headers={}).json()["call"] for _ in range(2)] == [1, 2]


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_refused(api: Api) -> None:
    post(api(), {"a": 1})
    refused = post(api(), {"a": 2})
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/errors/idempotency-key-reused")


@pytest.mark.django_db
def test_a_key_belongs_to_its_caller(api: Api) -> None:
    answers = [post(api(UserFactory.create()), {"a": 1}).json() for _ in range(2)]
    assert answers == [{"call": 1}, {"call": 2}]


@pytest.mark.django_db
def test_after_an_error_the_key_tries_again(api: Api) -> None:
    assert post(api(), {"fail": True}).status_code == 409
    assert post(api(), {"fail": True}).status_code == 201


@pytest.mark.django_db
def test_a_body_that_cannot_be_compared_with_another_is_refused(api: Api) -> None:
    refused = post(api(), {"a": 10**30})
    assert refused.status_code == 400
    assert refused.json()["type"].endswith("/errors/malformed-body")
    assert echo.calls == []


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a" * 256, "with\ttab", "ключ"])
def test_a_malformed_key_is_named(api: Api, key: str) -> None:
    refused = post(api(), {}, headers={"Idempotency-Key": key})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    assert echo.calls == []


@pytest.mark.django_db
def test_a_key_is_forgotten_after_its_day(api: Api) -> None:
    post(api(), {"a": 1})
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert post(api(), {"a": 2}).json() == {"call": 2}


@pytest.mark.django_db
def test_expired_records_are_deleted(api: Api) -> None:
    post(api(), {"a": 1})
    assert forget_expired() == 0
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert forget_expired() == 1


@pytest.mark.django_db
def test_a_request_whose_process_died_is_taken_over(api: Api) -> None:
    post(api(), {"a": 1})
    long_ago = timezone.now() - timedelta(minutes=2)
    IdempotencyRecord.objects.update(status=None, body=None, created_at=long_ago)
    assert post(api(), {"a": 1}).json() == {"call": 2}


@pytest.mark.django_db(transaction=True)
def test_while_the_first_request_runs_a_second_one_is_told_to_wait(api: Api) -> None:
    answers: list[int] = []

    def first() -> None:
        answers.append(post(api(), {"wait": True}).status_code)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    while not echo.calls and thread.is_alive():
        thread.join(timeout=0.01)
    second = post(api(), {"wait": True})
    echo.gate.set()
    thread.join()
    assert second.status_code == 409
    assert second["Retry-After"] == "1"
    assert answers == [201]
    assert len(echo.calls) == 1


@pytest.mark.django_db(transaction=True)
def test_of_twenty_requests_at_once_one_is_carried_out(api: Api) -> None:
    answers = at_once(*[lambda: post(api(), {"a": 1}).status_code] * 20)

    assert len(echo.calls) == 1
    assert set(answers) <= {201, 409}
    assert post(api(), {"a": 1}).json() == {"call": 1}
