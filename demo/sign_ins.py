"""Ninety days of signing in: mostly in the mornings of working days in India, sometimes with a wrong password."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import Session
from accounts.models.session import EndReason, SignInMethod
from audit.types import AuditType
from demo.cast import ABROAD, THIEF, USER_AGENTS, Place
from demo.chance import Chance
from demo.people import DAYS, Person
from demo.rows import made_at
from demo.trail import Trail
from trading.brokers.indian_day import IST

# How many of a day's sign-ins begin in each hour of India: the exchanges open at 9:15 and close at 15:30.
HOURS = (1, 1, 0, 0, 0, 1, 3, 8, 16, 30, 18, 10, 8, 8, 10, 18, 12, 7, 6, 8, 9, 8, 5, 2)
WEEKEND, WRONG_PASSWORD, SIGNED_OUT, ABROAD_AT_TIMES, KEPT = 0.25, 0.08, 0.4, 0.006, 0.3
SUNDAY_AND_SATURDAY = {5, 6}


class SignIns:
    """Sessions, and what the trail tells of them."""

    def __init__(self, trail: Trail, chance: Chance) -> None:
        self.sessions: list[Session] = []
        self._trail, self._chance = trail, chance

    def live_ninety_days(self, crowd: Sequence[Person]) -> None:
        for person in crowd:
            if person.user.email_verified_at:
                for at in self._moments_of(person):
                    self._one(person, at)

    def _moments_of(self, person: Person) -> Iterator[datetime]:
        chance = self._chance
        begin = person.user.email_verified_at or person.joined
        end = chance.until if person.is_active else person.user.status_changed_at
        for days in range(DAYS, -1, -1):
            day = chance.ago(days=days).astimezone(IST).replace(minute=0, second=0, microsecond=0)
            rate = person.eagerness * (WEEKEND if day.weekday() in SUNDAY_AND_SATURDAY else 1)
            for _ in range(int(rate + chance.share(0, 1))):
                hour = chance.weighted(range(24), HOURS)
                at = day.replace(hour=hour) + timedelta(seconds=chance.number(0, 3599))
                if begin < at < end:
                    yield at

    def _one(self, person: Person, at: datetime) -> None:
        chance = self._chance
        away = chance.happens(ABROAD_AT_TIMES)
        place = chance.one_of(ABROAD) if away else person.home
        where = _where(person, place)
        if chance.happens(WRONG_PASSWORD):
            for number in range(chance.number(1, 3), 0, -1):
                self.fail(person.public_id, at - timedelta(seconds=20 * number), **where)
        signals = ("new_country", "new_device") if away else ()
        session = self.begin(
            person, at, place=place, risk=45 if away else chance.number(0, 12), signals=signals
        )
        self._finish(session, person)
        if away:
            self.suspect(person, session, at, kind="new_country")

    def begin(
        self,
        person: Person,
        at: datetime,
        *,
        place: Place,
        risk: int,
        signals: Sequence[str] = (),
        agent: str = "",
        device: str = "",
    ) -> Session:
        """A session that began at `at` and has not ended."""
        kept = self._chance.happens(KEPT)
        environment = settings.ENVIRONMENT
        life = environment.refresh_idle_lifetime if kept else environment.refresh_short_lifetime
        amr = ["pwd", "otp"] if person.has_app and not agent else ["pwd"]
        session = made_at(
            Session,
            at,
            self._chance,
            user=person.user,
            method=SignInMethod.PASSWORD,
            acr="mfa" if len(amr) > 1 else "pwd",
            amr=amr,
            auth_time=at,
            persistent=kept,
            device_name=device or person.device_name,
            device_fingerprint="" if agent else person.fingerprint,
            user_agent=agent or person.agent,
            ip=place.address(person.number),
            country=place.country,
            city=place.city,
            asn=place.asn,
            risk_score=risk,
            risk_signals=list(signals),
            last_active_at=at,
            expires_at=at
            + timedelta(seconds=environment.refresh_absolute_lifetime if kept else life),
            idle_expires_at=at + timedelta(seconds=life),
        )
        self.sessions.append(session)
        person.last_sign_in = max(at, person.last_sign_in or at)
        where = _where(person, place) | ({"agent": agent, "device": ""} if agent else {})
        about = {"about": person.public_id, "session": session.public_id, **where}
        if len(amr) > 1:
            asked = at - timedelta(seconds=9)
            self._trail.note(
                AuditType.SECOND_FACTOR_CHALLENGED, asked, told={"methods": ["totp"]}, **about
            )
            self._trail.note(AuditType.SECOND_FACTOR_PASSED, at, told={"method": "totp"}, **about)
        proven = {"method": "password", "amr": amr}
        self._trail.note(
            AuditType.SIGN_IN_SUCCEEDED, at, risk=risk, signals=signals, told=proven, **about
        )
        return session

    def _finish(self, session: Session, person: Person) -> None:
        """Some sign out; others are over by the clock; the rest go on."""
        used = session.created_at + timedelta(minutes=self._chance.number(2, 400))
        session.last_active_at = min(used, self._chance.until)
        over = session.idle_expires_at
        if self._chance.happens(SIGNED_OUT) and used < self._chance.until:
            self.end(session, person, used, EndReason.LOGOUT)
        elif over < self._chance.until:
            self.end(session, person, over, EndReason.IDLE, actor="")

    def end(
        self,
        session: Session,
        person: Person,
        at: datetime,
        reason: EndReason,
        actor: str | None = None,
    ) -> None:
        session.ended_at = session.updated_at = at
        session.end_reason = reason
        self._trail.note(
            AuditType.SIGNED_OUT,
            at,
            about=person.public_id,
            actor=actor,
            session=session.public_id,
            told={"reason": reason.value},
        )

    def fail(
        self, about: str, at: datetime, *, reason: str = "bad_credentials", **where: Any
    ) -> None:
        """A wrong password; `about` is empty for an address that nobody has."""
        self._trail.note(
            AuditType.SIGN_IN_FAILED,
            at,
            about=about,
            actor="",
            told={"user_id": about, "reason": reason},
            **where,
        )

    def suspect(self, person: Person, session: Session, at: datetime, *, kind: str) -> None:
        """Something about a session looked wrong."""
        self._trail.note(
            AuditType.SESSION_ANOMALY,
            at + timedelta(milliseconds=3),
            about=person.public_id,
            session=session.public_id,
            ip=session.ip,
            agent=session.user_agent,
            risk=session.risk_score,
            signals=session.risk_signals,
            told={"kind": kind, "user_id": person.public_id},
        )

    def two_are_stolen(self, asha: Person, other: Person) -> None:
        """The one was noticed by a refresh token that came twice; the other lives on until somebody ends it."""
        chance = self._chance
        stolen = self.begin(asha, chance.ago(days=4, hours=3), place=asha.home, risk=4)
        reused = chance.ago(days=4)
        told = {"generations_ago": 3}
        self._trail.note(
            AuditType.TOKEN_REUSED,
            reused,
            about=asha.public_id,
            session=stolen.public_id,
            place=THIEF,
            ip=THIEF.address(40),
            agent=USER_AGENTS[4],
            told=told,
        )
        self.suspect(asha, stolen, reused, kind="refresh_token_reuse")
        self.end(stolen, asha, reused + timedelta(milliseconds=5), EndReason.REUSE, actor="")
        self.begin(other, chance.ago(hours=3), place=other.home, risk=3)
        theft = self.begin(
            other,
            chance.ago(hours=2),
            place=THIEF,
            risk=85,
            signals=("new_country", "new_device", "impossible_travel"),
            agent=USER_AGENTS[4],
            device="Work machine",
        )
        self.suspect(other, theft, theft.created_at, kind="impossible_travel")


def _where(person: Person, place: Place) -> dict[str, Any]:
    return {
        "place": place,
        "ip": place.address(person.number),
        "agent": person.agent,
        "device": person.fingerprint,
    }
