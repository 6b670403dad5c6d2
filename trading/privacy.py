"""What this app holds of a person. Their accounts at brokers are unlinked before anything else goes."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from audit.privacy.registry import SEALED, Fate, Holding, Person, Retention, register
from config.http.problems import NotFoundError
from trading.errors import AccountNotUsableError, MembershipEndedError
from trading.models import (
    BrokerSession,
    CredentialVersion,
    LoginAttempt,
    Membership,
    MembershipStatus,
    OwnershipTransfer,
    PaperProfile,
    PaperSession,
    SyncRun,
    TradingAccount,
)
from trading.models.account import CLOSED
from trading.services import memberships, unlinking

ATTEMPTS = Retention(text="a day after they ran out", task="trading: forget login attempts")
SYNCS = Retention(text="", setting="sync_runs_retention", task="trading: forget syncs")
PAPER = Retention(text="two days", task="trading: forget paper logins")


def declare() -> None:
    """Called once, when the app is ready."""
    register(_accounts(), *_secrets(), *_shares(), *_paper())


def _accounts() -> Holding:
    return Holding(
        model="trading.TradingAccount",
        rows=lambda person: TradingAccount.objects.filter(owner_id=person.pk),
        area="broker_accounts",
        withheld={"broker_user_hash": "a keyed hash: it only tells one broker user from another"},
        fate=Fate.ANONYMISED,
        why="the trail and the books of others name the account by id; it is unlinked, and its key destroyed",
        blank={
            "nickname": "-",
            "status_reason": "",
            "broker_user_masked": "",
            "broker_user_hash": None,
            "profile": {},
            "margins": [],
            "sync_error": "",
        },
        first=unlink_all,
        turn=10,
    )


def unlink_all(person: Person) -> None:
    """Unlink what the person owns, and complete what was begun before."""
    for account in TradingAccount.objects.open().filter(owner_id=person.pk):
        try:
            unlinking.unlink(account_id=account.pk, owner_id=person.pk)
        except (AccountNotUsableError, NotFoundError):  # unlinked or handed over at this moment
            continue
    left = TradingAccount.objects.filter(owner_id=person.pk, status=CLOSED[0])
    for account in left:
        unlinking.finish(account_id=account.pk)


def _secrets() -> tuple[Holding, ...]:
    return (
        Holding(
            model="trading.CredentialVersion",
            rows=lambda person: CredentialVersion.objects.filter(account__owner_id=person.pk),
            area="broker_credentials",
            withheld={"secret": SEALED, "created_by": "who may be somebody else"},
            fate=Fate.ANONYMISED,
            why="that there were versions is part of the trail; they hold no secret any more",
            blank={"api_key_masked": "-"},
            turn=11,
        ),
        Holding(
            model="trading.BrokerSession",
            rows=lambda person: BrokerSession.objects.filter(account__owner_id=person.pk),
            area="broker_sessions",
            withheld={"access_token": SEALED},
            fate=Fate.DELETED,
            why="days on which the person was signed in at a broker",
            turn=11,
        ),
        Holding(
            model="trading.SyncRun",
            rows=lambda person: SyncRun.objects.filter(account__owner_id=person.pk),
            area="broker_syncs",
            withheld={
                "job": "which may be one of the staff's",
                "lease_expires_at": "says nothing of the person",
            },
            fate=Fate.DELETED,
            why="when the person's account was looked at, and what of it had changed",
            turn=11,
            retention=SYNCS,
        ),
        Holding(
            model="trading.LoginAttempt",
            rows=lambda person: LoginAttempt.objects.filter(
                Q(user_id=person.pk) | Q(account__owner_id=person.pk)
            ),
            withheld={"*": "a hash that lives for minutes"},
            fate=Fate.DELETED,
            why="logins that were begun",
            turn=11,
            retention=ATTEMPTS,
        ),
    )


def _shares() -> tuple[Holding, ...]:
    return (
        Holding(
            model="trading.Membership",
            rows=_memberships,
            area="memberships",
            withheld={"invited_email": "the person's own address, or that of somebody else"},
            fate=Fate.ANONYMISED,
            why="who could do what with somebody else's account is theirs to know, by id",
            first=_leave_all,
            erase=_forget_address,
            turn=12,
        ),
        Holding(
            model="trading.OwnershipTransfer",
            rows=lambda person: OwnershipTransfer.objects.filter(
                Q(offered_by_id=person.pk) | Q(membership__user_id=person.pk)
            ),
            area="ownership_transfers",
            fate=Fate.KEPT,
            why="from whom an account came is part of its history, by id",
            turn=12,
        ),
    )


def _memberships(person: Person) -> "QuerySet[Membership]":
    """The person's, those that they granted, and invitations of their address."""
    return Membership.objects.filter(
        Q(user_id=person.pk)
        | Q(granted_by_id=person.pk)
        | Q(account__owner_id=person.pk)
        | Q(invited_email=person.email.lower())
    )


def _leave_all(person: Person) -> None:
    mine = Q(user_id=person.pk) | Q(invited_email=person.email.lower())
    for key in Membership.objects.standing().filter(mine).values_list("pk", flat=True):
        _leave(key)


def _forget_address(person: Person) -> int:
    """Where the person was invited; invitations that others have from them are these others'."""
    answered = Membership.objects.exclude(status=MembershipStatus.INVITED)
    return answered.filter(invited_email__iexact=person.email).update(invited_email="")


@transaction.atomic
def _leave(key: UUID) -> None:
    try:
        membership = memberships.standing(key)
    except (MembershipEndedError, NotFoundError):  # somebody ended it at this moment
        return
    if membership.user_id:
        memberships.end(membership, MembershipStatus.LEFT, reason="left")
    else:
        memberships.end(membership, MembershipStatus.REVOKED, reason="revoked")


def _paper() -> tuple[Holding, ...]:
    return (
        Holding(
            model="trading.PaperProfile",
            rows=lambda person: PaperProfile.objects.filter(user_id=person.pk),
            area="paper_trading",
            fate=Fate.DELETED,
            why="who the person was to the paper broker",
            turn=21,
        ),
        Holding(
            model="trading.PaperSession",
            rows=lambda person: PaperSession.objects.filter(profile__user_id=person.pk),
            withheld={"*": "hashes of logins to paper accounts"},
            fate=Fate.DELETED,
            why="logins to paper accounts",
            turn=20,
            retention=PAPER,
        ),
    )
