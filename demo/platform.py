"""What programs have: clients, their secrets, people's own keys, jobs; and what people asked about their data."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db import models

from accounts.models import ApiKey, ClientSecret, ServiceClient
from accounts.models.user import UserStatus
from accounts.services.service_clients import digest_of
from audit.privacy.models import LegalHold, PrivacyRequest, RequestKind, RequestState
from config.jobs.models import Job, JobState, OwnerType
from config.vault.sealing import seal_field
from demo.chance import Chance
from demo.people import Person
from demo.rows import made_at
from mfa.models import ResetRequest, TotpDevice
from mfa.models.reset_request import ResetStatus

CLIENTS = (
    ("order-backend", "Order backend", ["authz:check"]),
    ("market-data", "Market data", ["events:read", "trading:read"]),
    ("risk-engine", "Risk engine", ["authz:check", "authz:assert", "audit:read"]),
    ("execution", "Execution", ["authz:check", "credentials:read"]),
)
API_KEYS, JOBS, EXPORTS = 40, 24, 6
MONTH = timedelta(days=30)


def second_factors(crowd: Sequence[Person], chance: Chance) -> Iterator[TotpDevice]:
    """Authenticator apps that nobody holds: whose person has one can be looked at, and not signed in as."""
    for person in crowd:
        if not person.has_app or not person.user.email_verified_at:
            continue
        at = person.joined + timedelta(minutes=20)
        device = made_at(
            TotpDevice,
            at,
            chance,
            user=person.user,
            name="Authenticator app",
            confirmed=True,
            last_used_step=int(at.timestamp()) // 30,
            last_used_at=person.last_sign_in or at,
        )
        seal_field(device, "secret", chance.secret_bytes(20))
        yield device


def clients(chance: Chance) -> Iterator[list[models.Model]]:
    """Whose secrets nobody knows."""
    made = [
        made_at(
            ServiceClient,
            chance.ago(days=80 - number),
            chance,
            client_id=client_id,
            name=name,
            scopes=scopes,
            enabled=number < len(CLIENTS) - 1 or len(CLIENTS) == 1,
        )
        for number, (client_id, name, scopes) in enumerate(CLIENTS)
    ]
    yield list(made)
    yield [
        made_at(
            ClientSecret,
            client.created_at,
            chance,
            client=client,
            digest=digest_of(chance.word()),
            hint=chance.word(4),
        )
        for client in made
    ]


def api_keys(crowd: Sequence[Person], chance: Chance) -> Iterator[ApiKey]:
    """Some in use, some expired, some revoked."""
    owners = [person for person in crowd if person.is_active and person.role == "trader"]
    for _ in range(API_KEYS if owners else 0):
        person = chance.one_of(owners)
        made = chance.between(person.joined, chance.until - timedelta(hours=3))
        revoked = chance.between(made, chance.until) if chance.happens(0.2) else None
        yield made_at(
            ApiKey,
            made,
            chance,
            user=person.user,
            name=chance.one_of(("Dashboard", "Spreadsheet", "Bot", "Reports")),
            digest=chance.secret_bytes(32),
            hint=chance.word(4),
            scopes=["me:read", "accounts:read"],
            expires_at=made + chance.one_of((MONTH, 3 * MONTH, 12 * MONTH)),
            last_used_at=chance.between(made, chance.until) if chance.happens(0.7) else None,
            last_used_ip=person.ip,
            revoked_at=revoked,
            revocation_reason="Found in a public repository" if revoked else "",
        )


def jobs(crowd: Sequence[Person], chance: Chance) -> Iterator[Job]:
    """Those that have ended: unfinished ones would be taken for dead, and done."""
    for number in range(JOBS):
        at = chance.ago(days=chance.share(0.1, 6.5))
        failed = number % 8 == 0
        total = chance.number(40, 200)
        yield made_at(
            Job,
            at,
            chance,
            kind=chance.one_of(("trading.sync_all", "audit.export")),
            state=JobState.FAILED if failed else JobState.SUCCEEDED,
            done=total // 2 if failed else total,
            total=total,
            error="Its workers died." if failed else "",
            owner_type=OwnerType.USER,
            owner_id=chance.one_of(crowd).public_id,
            task="config.jobs.tasks.nothing",
            attempts=5 if failed else 1,
            sent_at=at,
            started_at=at + timedelta(seconds=1),
            finished_at=at + timedelta(seconds=chance.number(3, 90)),
        )


def requests(crowd: Sequence[Person], chance: Chance) -> Iterator[list[models.Model]]:
    """Archives and erasures, one of them late, and a hold that stands in the way."""
    active = [person for person in crowd[1:] if person.is_active and person.role == "trader"]
    closed = [person for person in crowd if person.user.status == UserStatus.DEACTIVATED]
    asked: list[models.Model] = []
    for number, person in enumerate(active[:EXPORTS]):
        at = chance.ago(days=number * 9 + 1)
        asked.append(
            made_at(
                PrivacyRequest,
                at,
                chance,
                subject=person.user,
                kind=RequestKind.EXPORT,
                state=RequestState.WITHDRAWN if number == 1 else RequestState.DONE,
                requested_by=f"user:{person.public_id}",
                due_at=at + MONTH,
                finished_at=at + timedelta(minutes=3),
            )
        )
    for person in closed[:3]:
        at = person.user.status_changed_at
        asked.append(
            made_at(
                PrivacyRequest,
                at,
                chance,
                subject=person.user,
                kind=RequestKind.ERASURE,
                requested_by=f"user:{person.public_id}",
                due_at=at + MONTH,
                not_before=chance.until + timedelta(days=20),
            )
        )
    yield asked
    yield [
        made_at(
            LegalHold,
            chance.ago(days=6),
            chance,
            subject=person.user,
            reason="Inquiry of the exchange",
            placed_by="system",
        )
        for person in closed[:1]
    ]


def resets(crowd: Sequence[Person], chance: Chance) -> Iterator[ResetRequest]:
    """One waits for the second of the staff, one was approved."""
    support = [person for person in crowd if person.role == "support"]
    lost = [person for person in crowd if person.has_app and person.role == "trader"]
    if len(support) < 2 or len(lost) < 2:
        return
    for number, person in enumerate(lost[:2]):
        at = chance.ago(hours=3 + 60 * number)
        yield made_at(
            ResetRequest,
            at,
            chance,
            user=person.user,
            reason="Phone lost; identity checked by video call",
            requested_by=support[0].user,
            decided_by=support[1].user if number else None,
            status=ResetStatus.APPROVED if number else ResetStatus.OPEN,
            expires_at=at + timedelta(days=1),
            decided_at=at + timedelta(hours=1) if number else None,
        )
