"""Checkpoints hold us to what the chains were, whoever owns the database."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from django.db import ProgrammingError, transaction

from audit.chain import keys
from audit.chain.checkpoint_models import AuditCheckpoint, ChainHead, CheckpointKey
from audit.chain.hashes import first_hash, next_hash, row_hash
from audit.chain.merkle import EMPTY, node_of, path_of, root_of
from audit.chain.models import ChainLink
from audit.chain.statements import Statement, digest_of
from audit.chain.walk import links_of
from audit.models import AuthEvent
from audit.services.checkpoints import replace_key, sign_all, sign_next
from audit.services.verification import verify
from audit.tasks import sign_checkpoint
from audit.tests.chain.tampering import chained, found, tamper
from audit.tests.factories import AuthEventFactory
from config import base64url
from events.models import OutboxEvent

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return [finding.kind.value for finding in verify().findings.named]


def test_a_checkpoint_tells_of_every_row_once_and_names_the_one_before_it() -> None:
    AuthEventFactory.create_batch(9)
    [first] = sign_all()
    AuthEventFactory.create_batch(4)
    [second] = [AuditCheckpoint.objects.get(number=number) for number in sign_checkpoint()]
    [empty] = sign_all()

    assert [each.rows for each in (first, second, empty)] == [9, 4, 0]
    told = Statement.read(second.statement)
    assert (told.number, told.previous) == (2, digest_of(first.statement))
    assert Statement.read(empty.statement).root == EMPTY
    assert kinds() == []


def test_a_checkpoint_is_signed_with_a_published_key() -> None:
    AuthEventFactory.create()
    [checkpoint] = sign_all()
    public, statement = keys.public_keys()[checkpoint.kid], checkpoint.statement.encode()
    public.verify(bytes(checkpoint.signature), statement)
    with pytest.raises(InvalidSignature):
        public.verify(bytes(checkpoint.signature), statement + b" ")


def test_a_checkpoint_goes_out_whole() -> None:
    [checkpoint] = sign_all()
    sent = OutboxEvent.objects.get(event_type="audit.checkpoint.signed.v1")
    assert sent.data["statement"] == checkpoint.statement
    assert sent.data["signature"] == base64url.encode(bytes(checkpoint.signature))


def test_many_rows_take_several_checkpoints() -> None:
    AuthEventFactory.create_batch(10)
    assert [each.rows for each in sign_all(most_rows=4)] == [4, 4, 2]
    assert kinds() == []


def test_a_key_can_be_replaced_and_what_it_signed_stays_good() -> None:
    [first] = sign_all()
    kid = replace_key()
    [second] = sign_all()
    assert (second.kid, first.kid != kid) == (kid, True)
    assert CheckpointKey.objects.get(kid=first.kid).sealed_private_key is None
    assert kinds() == []


def rewrite_everything() -> None:
    """What the owner of the database can do at most: alter a row, and hash its whole chain anew."""
    rows = chained(3)
    sign_all()
    tamper("UPDATE audit_authevent SET actor_id = 'x' WHERE event_id = %s", rows[1].event_id)
    link = ChainLink.objects.get(position=1)
    previous = next_hash(first_hash(link.day, link.shard), bytes(link.row_hash))
    for position in (2, 3):
        [links] = links_of(link.day, link.shard)
        row = links[position - 1]
        hashed = row_hash(row.public, row.commitment)
        previous = next_hash(previous, hashed)
        tamper(
            "UPDATE audit_chainlink SET row_hash = %s, chain_hash = %s WHERE position = %s",
            hashed,
            previous,
            position,
        )


def test_a_history_that_is_hashed_anew_is_found_by_its_checkpoint() -> None:
    rewrite_everything()
    [finding] = verify().findings.named
    assert (finding.kind, finding.position) == ("rewritten", 1)
    assert finding.detail == "places 1 to 3 are not what checkpoint 1 tells"


def test_the_end_of_a_chain_that_is_cut_off_is_found() -> None:
    rows = chained(4)
    sign_all()
    for row in rows[2:]:
        tamper("DELETE FROM audit_authevent WHERE event_id = %s", row.event_id)
        tamper("DELETE FROM audit_chainlink WHERE event_id = %s", row.event_id)
    [finding] = verify().findings.named
    assert (finding.kind, finding.position) == ("removed", 3)
    assert finding.detail == "places 3 to 4, of which checkpoint 1 tells"


def test_a_month_that_is_dropped_with_all_its_links_is_found() -> None:
    chained(4)
    sign_all()
    tamper("DELETE FROM audit_chainlink")
    tamper("DELETE FROM audit_chainhead")
    tamper("DELETE FROM audit_authevent")
    assert kinds() == ["removed"]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE audit_auditcheckpoint SET rows = 7 WHERE number = 2", "checkpoint_altered"),
        ("UPDATE audit_auditcheckpoint SET kid = 'x' WHERE number = 2", "checkpoint_altered"),
        (
            "UPDATE audit_auditcheckpoint SET signature = '\\x00' || substring(signature FROM 2)"
            " WHERE number = 2",
            "checkpoint_altered",
        ),
        (
            "UPDATE audit_auditcheckpoint SET statement = replace(statement, '\"rows\":1', '\"rows\":2')"
            " WHERE number = 2",
            "checkpoint_altered",
        ),
        ("UPDATE audit_checkpointspan SET last = last + 1", "checkpoint_altered"),
        (
            "WITH spans AS (DELETE FROM audit_checkpointspan s USING audit_auditcheckpoint c"
            " WHERE c.id = s.checkpoint_id AND c.number = 2)"
            " DELETE FROM audit_auditcheckpoint WHERE number = 2",
            "checkpoint_removed",
        ),
    ],
)
def test_checkpoints_themselves_are_verified(statement: str, kind: str) -> None:
    for _ in range(3):
        AuthEventFactory.create()
        sign_all()
    tamper(statement)
    assert kind in kinds()


@pytest.mark.parametrize("change", [{"kid": "other"}, None])
def test_checkpoints_are_append_only(change: dict[str, Any] | None) -> None:
    sign_next()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        if change:
            AuditCheckpoint.objects.update(**change)
        else:
            AuditCheckpoint.objects.all().delete()


def test_heads_say_how_far_chains_go() -> None:
    chained(3)
    head = ChainHead.objects.get()
    assert (head.position, head.told) == (3, 0)
    sign_all()
    head.refresh_from_db()
    assert head.told == 3
    assert found() == set()
    assert AuthEvent.objects.count() == 3


@pytest.mark.parametrize("size", range(1, 12))
def test_every_path_leads_to_the_root(size: int) -> None:
    leaves = [bytes([number]) * 32 for number in range(size)]
    for index, leaf in enumerate(leaves):
        digest = leaf
        for step in path_of(leaves, index):
            digest = (
                node_of(step.other, digest) if step.side == "left" else node_of(digest, step.other)
            )
        assert digest == root_of(leaves)


def test_the_tree_is_that_of_the_rfc() -> None:
    a, b, c, d, e = (bytes([number]) * 32 for number in range(5))
    assert root_of([a, b, c]) == node_of(node_of(a, b), c)
    assert root_of([a, b, c, d, e]) == node_of(node_of(node_of(a, b), node_of(c, d)), e)
