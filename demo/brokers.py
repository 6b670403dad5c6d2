"""Two hundred accounts at brokers, in every state there is, each with what its state leaves behind.

Keys, secrets and tokens are made up and sealed as real ones are, under a data key for each account.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from django.db import models

from audit.types import AuditType
from config.vault.sealing import seal_field, shred
from demo.chance import Chance
from demo.people import Person
from demo.rows import made_at
from demo.trail import Trail
from trading.brokers.base import BrokerProfile, Margin
from trading.brokers.indian_day import session_end
from trading.brokers.paper import PaperBroker
from trading.masking import masked
from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialStatus,
    CredentialVersion,
    PaperProfile,
    PaperSession,
    SessionEnd,
    TradingAccount,
)
from trading.models.account import LIVE
from trading.paper import back_office
from trading.services import degradation, refusal, snapshots
from trading.services.activation import broker_user_hash

KITE, PAPER = "kite", PaperBroker.name
# Of two hundred; what more there is, is active.
STATES = {
    AccountStatus.PENDING_LOGIN: 20,
    AccountStatus.DEGRADED: 9,
    AccountStatus.REAUTH_REQUIRED: 38,
    AccountStatus.INVALID: 11,
    AccountStatus.SUSPENDED: 7,
    AccountStatus.DISCONNECTING: 2,
    AccountStatus.UNLINKED: 16,
}
NEVER_LINKED = (AccountStatus.PENDING_LOGIN, AccountStatus.INVALID)
NICKNAMES = ("Long term", "Intraday", "Family", "Options", "Savings", "Retirement", "Swing")
PAPER_SHARE, ROTATED_SHARE = 0.15, 0.2
REASONS = {
    AccountStatus.DEGRADED: degradation.REASON,
    AccountStatus.INVALID: refusal.REASON,
    AccountStatus.SUSPENDED: "Disputed at the broker",
}
EXCHANGES, PRODUCTS, ORDER_TYPES = (
    ("NSE", "BSE", "NFO"),
    ("CNC", "NRML", "MIS"),
    ("MARKET", "LIMIT"),
)


@dataclass(eq=False)
class Linked:
    """An account, and what a broker would know of it."""

    account: TradingAccount
    person: Person
    broker_user: str
    api_key: str
    api_secret: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    funds: float = 0.0
    credentials: list[CredentialVersion] = field(default_factory=list)
    sessions: list[BrokerSession] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        return self.account.status in LIVE


def link(count: int, crowd: Sequence[Person], chance: Chance) -> list[Linked]:
    """The accounts. Asha Rao has two that are active and one that wants a login."""
    owners = [person for person in crowd if person.is_active and person.role == "trader"]
    states = [status for status, number in STATES.items() for _ in range(_of(number, count))]
    states = [AccountStatus.ACTIVE] * (count - len(states)) + states
    over = AccountStatus.REAUTH_REQUIRED
    first_over = states.index(over) if over in states else -1
    with_paper: set[Person] = set()
    made = []
    for number, status in enumerate(states):
        hers = number < 2 or number == first_over
        owner = crowd[0] if hers else chance.one_of(owners)
        broker = PAPER if chance.happens(PAPER_SHARE) and owner not in with_paper else KITE
        if broker == PAPER:
            with_paper.add(owner)
        made.append(_linked(owner, broker, status, chance))
    return made


def _of(number: int, count: int) -> int:
    """As many of `count` as `number` is of two hundred, and one at least where there is room."""
    return max(number * count // 200, 1 if count >= 20 else 0)


def _linked(owner: Person, broker: str, status: AccountStatus, chance: Chance) -> Linked:
    begun = chance.between(owner.joined, chance.until - timedelta(hours=20))
    begun = max(begun, owner.joined + timedelta(minutes=30))
    changed = chance.between(begun, chance.until)
    if status in LIVE or status == AccountStatus.DISCONNECTING:
        changed = max(begun, chance.until - timedelta(seconds=chance.number(30, 40_000)))
    account = made_at(
        TradingAccount,
        begun,
        chance,
        owner=owner.user,
        broker=broker,
        nickname=chance.one_of(NICKNAMES),
        status=status,
        status_reason=REASONS.get(status, ""),
        status_changed_at=changed,
    )
    paper = broker == PAPER
    api_key = f"paper_{chance.word(24)}" if paper else chance.word(16)
    linked = Linked(
        account=account,
        person=owner,
        broker_user=f"{'PT' if paper else 'SM'}{chance.word(8).upper()}",
        api_key=api_key,
        api_secret=back_office.secret_of(api_key) if paper else chance.word(),
        funds=round(chance.share(5_000, 900_000), 2),
    )
    _credentials(linked, chance)
    if status not in NEVER_LINKED:
        _log_in(linked, chance)
    if status == AccountStatus.UNLINKED:
        shred(account.key_subject)
    return linked


def _credentials(linked: Linked, chance: Chance) -> None:
    """One version, sometimes with an older one that it replaced."""
    account = linked.account
    proven = account.status not in NEVER_LINKED
    gone = account.status == AccountStatus.UNLINKED
    numbers = [1, 2] if proven and chance.happens(ROTATED_SHARE) else [1]
    for number in numbers:
        retired = gone or number < numbers[-1]
        version = made_at(
            CredentialVersion,
            account.created_at + timedelta(seconds=number),
            chance,
            account=account,
            number=number,
            status=CredentialStatus.RETIRED
            if retired
            else CredentialStatus.CURRENT
            if proven
            else CredentialStatus.PENDING,
            api_key_masked=masked(linked.api_key if number == numbers[-1] else chance.word(16)),
            created_by=account.owner,
            proven_at=account.created_at + timedelta(minutes=3) if proven else None,
            retired_at=account.status_changed_at if retired else None,
        )
        if not retired:
            pair = {"api_key": linked.api_key, "api_secret": linked.api_secret}
            seal_field(version, "secret", orjson.dumps(pair))
        linked.credentials.append(version)


def _log_in(linked: Linked, chance: Chance) -> None:
    """What a login at the broker leaves; where it is over, an ended session."""
    account = linked.account
    account.linked_at = account.created_at + timedelta(minutes=3)
    if account.status == AccountStatus.UNLINKED:
        account.updated_at = account.status_changed_at
        return
    account.broker_user_hash = broker_user_hash(account.broker, linked.broker_user)
    account.broker_user_masked = masked(linked.broker_user)
    profile = BrokerProfile(
        broker_user_id=linked.broker_user,
        name=account.owner.name,
        email=account.owner.email,
        exchanges=EXCHANGES,
        products=PRODUCTS,
        order_types=ORDER_TYPES,
    )
    cash = f"{linked.funds:.2f}"
    margin = Margin(segment="equity", enabled=True, net=cash, available_cash=cash, utilised="0.00")
    account.profile = snapshots.of_profile(profile)
    account.margins = snapshots.of_margins((margin,))
    began = account.status_changed_at if linked.is_live else account.linked_at
    session = made_at(
        BrokerSession,
        began,
        chance,
        account=account,
        credential=linked.credentials[-1],
        expires_at=session_end(login_time=began, now=began),
    )
    linked.sessions.append(session)
    if linked.is_live:
        _keep_open(linked, session, chance)
    else:
        session.ended_at = session.updated_at = max(account.status_changed_at, began)
        session.end_reason = (
            SessionEnd.SUSPENDED
            if account.status == AccountStatus.SUSPENDED
            else SessionEnd.EXPIRED
        )


def _keep_open(linked: Linked, session: BrokerSession, chance: Chance) -> None:
    """Nobody is told by mail of the end of a login that they did not begin."""
    account = linked.account
    session.expires_at = session_end(login_time=chance.until, now=chance.until)
    account.reauth_by = account.login_warned_for = session.expires_at
    account.last_synced_at = chance.until - timedelta(minutes=chance.number(1, 55))
    if account.status == AccountStatus.DEGRADED:
        account.sync_error = "unavailable"
    linked.access_token = chance.word()
    seal_field(session, "access_token", linked.access_token.encode())


def rows_of(accounts: Sequence[Linked], chance: Chance) -> Iterator[list[models.Model]]:
    yield [linked.account for linked in accounts]
    yield [version for linked in accounts for version in linked.credentials]
    yield [session for linked in accounts for session in linked.sessions]
    on_paper = [linked for linked in accounts if linked.account.broker == PAPER]
    profiles: dict[Any, PaperProfile] = {
        linked.person: made_at(
            PaperProfile,
            linked.account.created_at,
            chance,
            user=linked.account.owner,
            client_id=linked.broker_user,
            cash=linked.funds,
        )
        for linked in on_paper
    }
    yield list(profiles.values())
    yield [
        _paper_session(profiles[linked.person], linked, chance)
        for linked in on_paper
        if linked.is_live
    ]


def _paper_session(profile: PaperProfile, linked: Linked, chance: Chance) -> PaperSession:
    began = linked.sessions[-1].created_at
    return made_at(
        PaperSession,
        began,
        chance,
        profile=profile,
        api_key=linked.api_key,
        request_hash=chance.secret_bytes(32),
        request_good_until=began + timedelta(minutes=5),
        access_hash=sha256(linked.access_token.encode()).digest(),
        expires_at=linked.sessions[-1].expires_at,
    )


WHAT_BECAME = {
    AccountStatus.DEGRADED: AuditType.TRADING_ACCOUNT_DEGRADED,
    AccountStatus.REAUTH_REQUIRED: AuditType.TRADING_ACCOUNT_REAUTH_REQUIRED,
    AccountStatus.INVALID: AuditType.TRADING_ACCOUNT_CREDENTIALS_INVALID,
    AccountStatus.SUSPENDED: AuditType.TRADING_ACCOUNT_SUSPENDED,
    AccountStatus.UNLINKED: AuditType.TRADING_ACCOUNT_UNLINKED,
    AccountStatus.ACTIVE: AuditType.TRADING_ACCOUNT_LOGGED_IN,
}


def tell(accounts: Sequence[Linked], trail: Trail) -> None:
    """How each was linked, and how it came to where it is."""
    for linked in accounts:
        account, who = linked.account, linked.person.public_id
        told = {"trading_account_id": account.public_id, "owner_id": who, "broker": account.broker}
        trail.note(AuditType.TRADING_ACCOUNT_LINK_BEGUN, account.created_at, about=who, told=told)
        if account.linked_at:
            trail.note(AuditType.TRADING_ACCOUNT_LINKED, account.linked_at, about=who, told=told)
        if kind := WHAT_BECAME.get(AccountStatus(account.status)):
            trail.note(kind, _after(account), about=who, actor="", told=told)


def _after(account: TradingAccount) -> datetime:
    return max(account.status_changed_at, account.created_at + timedelta(minutes=4))
