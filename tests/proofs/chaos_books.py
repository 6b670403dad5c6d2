"""After the chaos: what the tables hold, what was told of it, and what clients were told must be one story.

Django is set up on the stack's database. The changes are read from their own tables, what was told of them from the
outbox, the trail and the stream.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis

from accounts.models import Session, User
from audit.models import AuthEvent
from audit.types import AuditType
from authz.models import Policy, PolicyVersion, RoleGrant
from authz.models.role import GrantEnd
from events.domain import DomainEvent
from events.models import OutboxEvent
from events.tests.streams import Envelope, first_arrivals, stream
from tests.proofs.chaos_load import Ledger
from trading.models import Membership, MembershipStatus

MARK = "chaos"
TRACES = re.compile(  # addresses of people and clients, and names, as the load has them
    rb"[a-z]+\d+@(?:proof|crowd)\.example|administrator@proof\.example|\b10\.\d+\.\d+\.7\b|\bChaos \d+\b"
)
FORGOTTEN = re.compile(rb'"event":"stream_forgot_events".*"events":(\d+)')


def violations(client: "redis.Redis", ledger: Ledger) -> Iterator[str]:
    """A line for each promise that was not kept."""
    outbox = list(OutboxEvent.objects.in_order())
    trail = {row.event_id: row for row in AuthEvent.objects.all()}
    entries = stream(client)
    yield from _stream_of(outbox, entries)
    yield from _trail_of(outbox, trail)
    yield from _changes_of(outbox)
    yield from _told_to_clients(ledger, outbox)


def traces(logs: Path) -> Iterator[str]:
    """A line for each log file that tells of a person."""
    for path in sorted(logs.iterdir()):
        if found := TRACES.findall(path.read_bytes()):
            yield f"{path.name} tells {len(found)} times of somebody, of {found[0].decode()} first"


def forgotten(logs: Path) -> int:
    """How many events Valkey had taken and forgot, by what the relays noted when they sent them again."""
    notes = FORGOTTEN.findall((logs / "relay.log").read_bytes())
    return sum(int(events) for events in notes)


def _stream_of(outbox: list[OutboxEvent], entries: list[Envelope]) -> Iterator[str]:
    """Each event is there under its id, none that is no event, and each subject's in order."""
    written = {row.public_id: row.event_type for row in outbox}
    there = {entry["id"] for entry in entries}
    for event in sorted(written.keys() - there):
        yield f"{written[event]} {event} is not on the stream"
    for event in sorted(there - written.keys()):
        yield f"{event} is on the stream and was never committed"
    waiting = [row for row in outbox if row.sent_at is None]
    for row in waiting:
        yield f"{row} still waits in the outbox: {row.error or 'no error'}"
    order: dict[str, list[str]] = defaultdict(list)
    for row in outbox:
        order[row.aggregate_id].append(row.public_id)
    arrived = first_arrivals(entries)
    for subject, events in order.items():
        if [entry["id"] for entry in arrived.get(subject, ())] != events:
            yield f"the events of {subject} did not arrive in their order"


def _trail_of(outbox: list[OutboxEvent], trail: dict[Any, AuthEvent]) -> Iterator[str]:
    """An event that the trail tells of has its row there under its id, and the other way round."""
    outside, inside = _vocabulary()
    events = {row.id: row for row in outbox}
    for row in outbox:
        expected = outside[row.event_type]
        if "" in expected:  # some kinds of it are not for the trail: its data says which it is
            expected = {f"authz.{row.data.get('change', '')}"} & {each.value for each in AuditType}
        found = trail.get(row.id)
        if expected and (found is None or found.event_type not in expected):
            yield f"{row} has no row in the trail"
    for event_id, told in trail.items():
        if "" not in inside.get(told.event_type, {""}) and event_id not in events:
            yield f"{told} is in the trail and there is no event of it"


def _vocabulary() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Of each type of the outside the types of the trail that it may have, and the other way; "" for none."""
    outside: dict[str, set[str]] = defaultdict(set)
    inside: dict[str, set[str]] = defaultdict(set)
    for kind in _descendants(DomainEvent):
        if not kind.aggregate_type or kind.__subclasses__():
            continue
        full = kind.full_type() if kind.event_type else ""
        outside[full].add(kind.audit_type)
        inside[kind.audit_type].add(full)
    for full, kind in DomainEvent.registry.items():
        outside[full] |= {kind.audit_type} if not kind.__subclasses__() else set()
    return outside, inside


def _descendants(kind: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for below in kind.__subclasses__():
        yield below
        yield from _descendants(below)


def _changes_of(outbox: list[OutboxEvent]) -> Iterator[str]:
    """Each row of the tables that were changed has its one event, and each event its row."""
    for kind, rows, told in (
        ("person", _people(), _told(outbox, "user.created", lambda row: row.aggregate_id)),
        ("session", _sessions(), _told(outbox, "user.session.created", _field("session_id"))),
        ("grant", _grants(), _permissions(outbox, "role.granted", "reason")),
        ("end of a grant", _ended_grants(), _permissions(outbox, "role.revoked", "reason")),
        ("policy", _policies(1), _permissions(outbox, "policy.created", "reason")),
        ("policy version", _policies(2), _permissions(outbox, "policy.updated", "reason")),
        ("end of a policy", _ended_policies(), _permissions(outbox, "policy.deleted", "policy")),
        ("invitation", _memberships(), _told(outbox, _MEMBER + "invited", _field("membership_id"))),
        (
            "end of an invitation",
            _ended_memberships(),
            _told(outbox, _MEMBER + "revoked", _field("membership_id")),
        ),
    ):
        for name in (rows - told).elements():
            yield f"{kind} {name}: committed, and no event of it"
        for name in (told - rows).elements():
            yield f"{kind} {name}: an event, and nothing was committed"


_MEMBER = "trading_account.membership."


def _told(outbox: list[OutboxEvent], kind: str, name: Callable[[OutboxEvent], str]) -> Counter[str]:
    return Counter(name(row) for row in outbox if row.event_type.rpartition(".v")[0] == kind)


def _permissions(outbox: list[OutboxEvent], change: str, name: str) -> Counter[str]:
    rows = [row for row in outbox if row.data.get("change") == change]
    return Counter(row.data[name] for row in rows if row.data[name].startswith(MARK))


def _field(name: str) -> Callable[[OutboxEvent], str]:
    return lambda row: str(row.data[name])


def _people() -> Counter[str]:
    return Counter(user.public_id for user in User.objects.all())


def _sessions() -> Counter[str]:
    return Counter(session.public_id for session in Session.objects.all())


def _grants() -> Counter[str]:
    reasons = RoleGrant.objects.filter(reason__startswith=MARK)
    return Counter(reasons.values_list("reason", flat=True))


def _ended_grants() -> Counter[str]:
    ended = RoleGrant.objects.filter(end=GrantEnd.REVOKED, end_reason__startswith=MARK)
    return Counter(ended.values_list("end_reason", flat=True))


def _policies(number: int) -> Counter[str]:
    versions = PolicyVersion.objects.filter(number=number, reason__startswith=MARK)
    return Counter(versions.values_list("reason", flat=True))


def _ended_policies() -> Counter[str]:
    ended = Policy.objects.filter(deleted_at__isnull=False, name__startswith=MARK)
    return Counter(ended.values_list("name", flat=True))


def _memberships() -> Counter[str]:
    return Counter(membership.public_id for membership in Membership.objects.all())


def _ended_memberships() -> Counter[str]:
    ended = Membership.objects.filter(status=MembershipStatus.REVOKED)
    return Counter(membership.public_id for membership in ended)


def _told_to_clients(ledger: Ledger, outbox: list[OutboxEvent]) -> Iterator[str]:
    """What was answered with success is there, and of profiles there are no more changes than were asked for."""
    there: dict[str, set[str]] = {
        "sign-up": set(User.objects.values_list("email", flat=True)),
        "grant": set(_grants()),
        "revoke": set(_ended_grants()),
        "policy": set(_policies(1)) | set(_policies(2)),
        "policy ended": set(_ended_policies()),
        "share": set(_memberships()),
        "share ended": set(_ended_memberships()),
    }
    for kind, found in there.items():
        for name in ledger.done.get(kind, ()):
            if name not in found:
                yield f"{kind} {name}: answered with success, and it is not there"
    updated = _told(outbox, "user.updated", lambda row: row.aggregate_id)
    done, unknown = (Counter(kept.get("profile", ())) for kept in (ledger.done, ledger.unknown))
    for person in done.keys() | updated.keys():
        if not done[person] <= updated[person] <= done[person] + unknown[person]:
            yield f"profile {person}: {updated[person]} changes, {done[person]} answered, {unknown[person]} unknown"
