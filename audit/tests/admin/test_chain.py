"""What vouches for the trail, on the console."""

import pytest
from django.test import Client

from audit.services.chain_state import chain_state
from audit.services.checkpoints import sign_all
from audit.services.verification import verify
from audit.tests.chain.tampering import chained, tamper
from audit.tests.factories import AuthEventFactory
from events.tests.staff import browser_of

CHECKPOINTS, VERIFICATIONS = "/console/audit/auditcheckpoint/", "/console/audit/auditverification/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> Client:
    return browser_of("compliance")


def test_before_anything_was_signed_or_verified_it_says_so(auditor: Client) -> None:
    page = auditor.get(CHECKPOINTS).content.decode()
    assert "Nothing has been verified yet" in page
    assert "Nothing has been signed yet" in page


def test_each_shard_tells_what_is_signed_and_what_waits() -> None:
    AuthEventFactory.create_batch(20)
    waiting = chain_state()
    assert sum(shard.waiting for shard in waiting.shards) == 20
    assert [shard.rows for shard in waiting.shards] == [0] * 4

    sign_all()
    signed = chain_state()
    assert [(shard.waiting, shard.unsigned) for shard in signed.shards] == [(0, 0)] * 4
    assert sum(shard.rows for shard in signed.shards) >= 20

    AuthEventFactory.create_batch(3)
    chained(3)
    assert sum(shard.unsigned for shard in chain_state().shards) >= 3


def test_a_checkpoint_is_shown_as_it_was_signed(auditor: Client) -> None:
    AuthEventFactory.create_batch(3)
    [checkpoint] = sign_all()
    assert checkpoint.kid in auditor.get(CHECKPOINTS).content.decode()
    page = auditor.get(f"{CHECKPOINTS}{checkpoint.pk}/change/").content.decode()
    assert checkpoint.kid in page
    assert "spans" in page
    days = checkpoint.spans.order_by("day").values_list("day", flat=True)
    assert f"{days.count()} parts of chains, of the days from {days[0]} to" in page


def test_what_a_verification_found_stands_above_the_lists(auditor: Client) -> None:
    [row, _] = chained(2)
    verify()
    assert "found them as they were written" in auditor.get(VERIFICATIONS).content.decode()
    tamper("UPDATE audit_authevent SET outcome = 'failure' WHERE event_id = %s", row.event_id)
    verify()
    for address in (CHECKPOINTS, VERIFICATIONS):
        assert "is not what was written" in auditor.get(address).content.decode()
    assert "1 finding" in auditor.get(VERIFICATIONS).content.decode()


def test_those_who_may_not_read_the_trail_do_not_see_it() -> None:
    outsider = browser_of("user")
    for address in (CHECKPOINTS, VERIFICATIONS):
        assert outsider.get(address).status_code in (302, 403)
