"""After an erasure nothing tells who it was, wherever one looks."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import is_password_usable
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.errors import InvalidCredentialsError, StatusTransitionError
from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.models.user import UserStatus
from accounts.services import erasure, sessions, status
from accounts.services.sessions import Device
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from audit.privacy.errors import LegalHoldError, NotDueError
from audit.privacy.models import PrivacyRequest
from audit.privacy.registry import Fate, holdings
from audit.privacy.services import erasing, exports, holds
from authz.models import Stamp
from config.http.principal import Principal
from config.http.problems import ForbiddenError
from config.vault.models import DataKey
from events.models import OutboxEvent
from tests.privacy.everywhere import IP, MARKS, NAME, Known, places_of
from tests.racing import at_once
from trading.models import AccountStatus, TradingAccount
from trading.services import linking

pytestmark = pytest.mark.django_db


def test_the_search_would_find_them(kavya: Known) -> None:
    found = places_of(*MARKS)

    assert {"table accounts_user", "table audit_authevent_default"} - found <= {
        "table audit_authevent_default"
    }
    for place in ("trading_tradingaccount", "events_outboxevent", "jobs_job", "mfa_passkey"):
        assert f"table {place}" in found
    assert any(place.startswith("redis") for place in found)


# Of the staff, of a case of law, or with tests of their own.
NOT_IN_THE_STORY = {
    "authz.PolicyVersion",
    "authz.PolicyCase",
    "authz.PolicyDraft",
    "authz.DraftEffect",
    "privacy.LegalHold",
    "privacy.PrivacyRequest",
    "trading.OwnershipTransfer",
    "accounts.RefreshFamily",
}


def test_the_person_is_known_to_every_table(kavya: Known) -> None:
    empty = {each.model for each in holdings() if not each.rows(kavya.user).exists()}

    assert empty == NOT_IN_THE_STORY


def test_nothing_is_found_after_an_erasure(
    kavya: Known, archives: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        exports.ask(subject=kavya.user, by=Principal(type="user", id=kavya.user.public_id))
    assert list(archives.iterdir())

    erasure.erase(user=kavya.user, now=True)

    assert places_of(*MARKS) == set()
    assert not list(archives.iterdir())


def test_what_is_left_is_a_tombstone_that_opens_nothing(kavya: Known) -> None:
    erasure.erase(user=kavya.user, now=True)

    left = User.objects.get(pk=kavya.user.pk)
    assert left.status == UserStatus.ERASED
    assert (left.name, left.phone, left.last_login) == ("", "", None)
    assert left.email == f"{left.public_id}@erased.invalid"
    assert not is_password_usable(left.password)
    with pytest.raises(StatusTransitionError):
        status.move(left, UserStatus.ACTIVE, reason="back")


def test_keys_are_destroyed_and_accounts_unlinked(kavya: Known) -> None:
    mine = TradingAccount.objects.get(owner=kavya.user)

    erasure.erase(user=kavya.user, now=True)

    mine.refresh_from_db()
    assert mine.status == AccountStatus.UNLINKED
    keys = DataKey.objects.filter(subject_id__in=[kavya.user.public_id, mine.public_id])
    assert keys.count() == 2
    assert all(key.is_destroyed for key in keys)


def test_others_keep_what_is_theirs(kavya: Known) -> None:
    erasure.erase(user=kavya.user, now=True)

    kavya.friend.refresh_from_db()
    assert kavya.friend.status == UserStatus.ACTIVE
    assert TradingAccount.objects.filter(owner=kavya.friend, status="active").count() == 2


def test_receivers_are_told_and_decisions_are_made_anew(kavya: Known) -> None:
    before = Stamp.objects.filter(name=f"user:{kavya.user.public_id}").values_list("value").first()

    erasure.erase(user=kavya.user, now=True)

    told = OutboxEvent.objects.filter(event_type="user.erased.v1")
    assert [row.data for row in told] == [{"user_id": kavya.user.public_id}]
    assert AuthEvent.objects.filter(event_type="account.erased").count() == 1
    after = Stamp.objects.filter(name=f"user:{kavya.user.public_id}").values_list("value").first()
    assert after != before


def test_an_erasure_again_changes_nothing(kavya: Known) -> None:
    erasure.erase(user=kavya.user, now=True)

    assert erasure.erase(user=kavya.user).keys() <= {"audit.AuthEvent"}
    assert OutboxEvent.objects.filter(event_type="user.erased.v1").count() == 1
    assert PrivacyRequest.objects.of(kavya.user.pk).erasures().count() == 1


STEPS = list({each.turn: each.model for each in holdings()}.values())  # one of each turn


@pytest.mark.parametrize("killed_at", STEPS)
def test_killed_at_any_step_the_next_run_finishes(
    kavya: Known, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    real: Callable[..., int] = erasing._erase

    def dying(holding: Any, person: Any) -> int:
        if holding.model == killed_at:
            raise KeyboardInterrupt
        return real(holding, person)

    monkeypatch.setattr(erasing, "_erase", dying)
    with pytest.raises(KeyboardInterrupt):
        erasure.erase(user=kavya.user, now=True)
    monkeypatch.setattr(erasing, "_erase", real)
    assert not User.objects.get(pk=kavya.user.pk).is_active

    assert erasure.erase_due().erased == 1

    assert places_of(*MARKS) == set()
    assert PrivacyRequest.objects.of(kavya.user.pk).erasures().get().state == "done"


def test_an_erasure_waits_for_the_grace_and_happens_by_itself(kavya: Known) -> None:
    due = status.close_own(user=kavya.user)
    asked = PrivacyRequest.objects.of(kavya.user.pk).erasures().get()
    assert asked.not_before == due
    assert erasure.erase_due().erased == 0
    with pytest.raises(NotDueError):
        erasure.erase(user=kavya.user)

    with time_machine.travel(due + timedelta(seconds=1), tick=False):
        assert erasure.erase_due().erased == 1

    asked.refresh_from_db()
    assert asked.state == "done"
    assert places_of(*MARKS) == set()


def test_taking_the_closing_back_withdraws_the_erasure(kavya: Known) -> None:
    due = status.close_own(user=kavya.user)
    kavya.user.refresh_from_db()
    status.reactivate(user=kavya.user, reason="taken back by the person")

    with time_machine.travel(due + timedelta(days=1), tick=False):
        assert erasure.erase_due().erased == 0
    assert PrivacyRequest.objects.of(kavya.user.pk).erasures().get().state == "withdrawn"
    kavya.user.refresh_from_db()
    assert kavya.user.name == NAME


def test_a_legal_hold_stops_it_until_it_is_lifted(kavya: Known) -> None:
    due = status.close_own(user=kavya.user)
    holds.place(subject=kavya.user, by="user:staff", reason="court order")
    with pytest.raises(LegalHoldError):
        erasure.erase(user=kavya.user, now=True)

    with time_machine.travel(due + timedelta(days=1), tick=False):
        assert erasure.erase_due().waiting == 1
        kavya.user.refresh_from_db()
        assert kavya.user.name == NAME
        holds.lift(subject=kavya.user, by="user:staff", reason="the case is closed")
        assert erasure.erase_due().erased == 1


def test_a_dry_run_counts_and_changes_nothing(kavya: Known) -> None:
    out = io.StringIO()
    call_command("gdpr_erase", kavya.user.email, "--dry-run", "--json", stdout=out)

    would = {each["model"]: each for each in json.loads(out.getvalue())["would"]}
    assert would["accounts.ApiKey"] == {
        "model": "accounts.ApiKey",
        "rows": 1,
        "fate": Fate.DELETED,
        "why": would["accounts.ApiKey"]["why"],
    }
    kavya.user.refresh_from_db()
    assert kavya.user.name == NAME


def test_the_command_says_what_it_did_and_why_not(kavya: Known) -> None:
    with pytest.raises(CommandError, match="too early"):
        call_command("gdpr_erase", kavya.user.public_id)
    out = io.StringIO()
    call_command("gdpr_erase", kavya.user.public_id, "--now", "--json", stdout=out)

    assert json.loads(out.getvalue())["changed"]["accounts.User"] == 1
    with pytest.raises(CommandError, match="nobody"):
        call_command("gdpr_erase", kavya.user.email)


def test_what_is_on_its_way_is_sent_first(kavya: Known) -> None:
    OutboxEvent.objects.filter(event_type="user.created.v1").update(sent_at=None)

    status.close_own(user=kavya.user)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert erasure.erase_due().waiting == 1
        OutboxEvent.objects.exclude(sequence=None).update(sent_at=timezone.now())
        assert erasure.erase_due().erased == 1
    assert places_of(*MARKS) == set()


def test_what_came_in_the_moment_of_the_erasure_goes_with_the_next_run(kavya: Known) -> None:
    erasure.erase(user=kavya.user, now=True)
    kavya.user.refresh_from_db()
    kavya.user.blocked_sign_ins.create(ip=IP, risk_score=1)

    assert erasure.erase_due().erased == 1
    assert places_of(IP) == set()


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_and_a_link_at_the_same_moment_end_with_the_person() -> None:
    user = UserFactory.create()

    def sign_in() -> Any:
        return sessions.begin(
            user=User.objects.get(pk=user.pk),
            method=SignInMethod.PASSWORD,
            amr=("pwd",),
            device=Device(),
        )

    def link() -> Any:
        return linking.begin(owner=User.objects.get(pk=user.pk), broker="paper", nickname="late")

    outcomes = at_once(sign_in, link, lambda: erasure.erase(user=user, now=True), sign_in, link)

    assert isinstance(outcomes[2], dict), outcomes[2]
    for outcome in (outcomes[0], outcomes[3]):
        assert not isinstance(outcome, Exception) or isinstance(outcome, InvalidCredentialsError)
    for outcome in (outcomes[1], outcomes[4]):
        assert not isinstance(outcome, Exception) or isinstance(outcome, ForbiddenError)
    left = User.objects.get(pk=user.pk)
    assert left.status == UserStatus.ERASED
    assert not TradingAccount.objects.open().filter(owner=left).exists()
    assert erasing.left(left) == {}


def test_nobody_is_reopened_or_linked_after_the_first_step(kavya: Known) -> None:
    erasure._begin(kavya.user, by="system", reason="", now=True)

    with pytest.raises(ForbiddenError), transaction.atomic():
        linking.begin(owner=kavya.user, broker="paper", nickname="late")
    with pytest.raises(InvalidCredentialsError):
        sessions.begin(user=kavya.user, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())


def test_a_restored_backup_learns_who_was_erased(kavya: Known) -> None:
    erasure.redo(kavya.user.public_id)

    assert places_of(*MARKS) == set()
