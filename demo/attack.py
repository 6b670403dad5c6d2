"""A night of credential stuffing: one network of servers tries stolen passwords on many addresses."""

from collections.abc import Sequence
from datetime import timedelta

from accounts.models import BlockedSignIn
from audit.types import AuditType
from demo.cast import BOT_AGENT, BOTNET
from demo.chance import Chance
from demo.people import Person
from demo.rows import made_at
from demo.sign_ins import SignIns
from demo.trail import Trail

DAYS_AGO, HOURS = 12, 3.5
# Of an attack on five hundred people; fewer are worth less effort.
TRIES, TRIES_OF_ITS_PEOPLE, STOPPED = 2_600, 180, 6
SIGNALS = ("new_country", "new_device", "hosting_network", "recent_failures")


def attack(
    crowd: Sequence[Person], sign_ins: SignIns, trail: Trail, chance: Chance
) -> list[BlockedSignIn]:
    """Thousands of refusals, and a few whose password was right and who were stopped all the same."""
    begin = chance.ago(days=DAYS_AGO)
    end = begin + timedelta(hours=HOURS)
    active = [person for person in crowd[1:] if person.is_active and person.joined < begin]
    known = chance.some_of(active, min(TRIES_OF_ITS_PEOPLE, len(active)))
    for number in range(TRIES * len(crowd) // 500):
        victim = chance.one_of(known).public_id if known and number % 10 == 0 else ""
        sign_ins.fail(
            victim,
            chance.between(begin, end),
            place=BOTNET,
            ip=BOTNET.address(number),
            agent=BOT_AGENT,
        )
    for half_hour in range(int(HOURS * 2)):
        trail.note(
            AuditType.SESSION_ANOMALY,
            begin + timedelta(minutes=30 * half_hour + 4),
            ip=BOTNET.address(7),
            place=BOTNET,
            agent=BOT_AGENT,
            told={
                "kind": "credential_stuffing",
                "network": f"{BOTNET.prefix}0/24",
                "accounts": chance.number(60, 240),
            },
        )
    return [_stopped(person, trail, chance) for person in known[:STOPPED]]


def _stopped(person: Person, trail: Trail, chance: Chance) -> BlockedSignIn:
    at = chance.ago(days=DAYS_AGO, hours=-chance.share(0.5, HOURS))
    ip = BOTNET.address(chance.number(1, 250))
    trail.note(
        AuditType.SIGN_IN_BLOCKED,
        at,
        about=person.public_id,
        actor="",
        ip=ip,
        place=BOTNET,
        agent=BOT_AGENT,
        risk=90,
        signals=SIGNALS,
        told={"user_id": person.public_id, "reason": "blocked_by_risk"},
    )
    return made_at(
        BlockedSignIn,
        at,
        chance,
        user=person.user,
        user_agent=BOT_AGENT,
        ip=ip,
        country=BOTNET.country,
        city=BOTNET.city,
        risk_score=90,
        risk_signals=list(SIGNALS),
    )
