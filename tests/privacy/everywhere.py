"""Somebody who is known all over the service, and a search of everything that it keeps."""

import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from accounts.events.people import UserCreated
from accounts.models import BlockedSignIn, EmailChange, User
from accounts.models.session import SignInMethod
from accounts.models.single_use_token import TokenPurpose
from accounts.services import api_keys, preferences, sessions, sign_in_throttle, single_use_tokens
from accounts.services.sessions import Device
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from audit.exports.models import ExportJob, ExportPart
from audit.searches.models import Page, SavedSearch
from authz.models import DecisionRecord
from authz.services import roles
from authz.tests import shipped_rules
from config import redis as redis_connection
from config.http.context import RequestContext, acting
from config.http.models import IdempotencyRecord
from config.jobs.tests.factories import JobFactory
from events.domain import emit
from events.models import OutboxEvent, WebhookAttempt
from events.services.relay import relay_batch
from events.tests.webhooks.making import a_delivery
from mfa.models import Passkey, PasskeyChallenge, ResetRequest
from mfa.models.passkey_challenge import ChallengePurpose
from mfa.services import totp
from mfa.tests.factories import a_passkey
from trading.models import LoginAttempt, PaperProfile, PaperSession, SyncRun, TradingAccount
from trading.tests.factories import MembershipFactory, active_account

EMAIL, NAME, PHONE = "Kavya.Zmarker@example.com", "Kavya Zmarkerson", "+919812345670"
IP, BROKER_USER, DEVICE = "203.0.113.77", "ZMK4711", "zmarker-laptop"
DUMP = 'COPY (SELECT * FROM "{}") TO STDOUT'
MARKS = (EMAIL.lower(), NAME.lower(), PHONE, IP, BROKER_USER.lower(), DEVICE)


@dataclass(frozen=True)
class Known:
    """The person, and somebody whose things must stay."""

    user: User
    friend: User


def known_everywhere() -> Known:
    """Rows in every table that holds anything of people, written where possible by the services that write them."""
    shipped_rules.install()
    user = UserFactory.create(email=EMAIL, name=NAME, phone=PHONE)
    friend = UserFactory.create()
    with acting(RequestContext(ip=IP, user_agent=f"Firefox on {DEVICE}", actor_type="user")):
        _sign_ins(user)
        _factors(user, friend)
        _rights(user)
        _broker_accounts(user, friend)
    _around(user)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at a commit: events get their numbers
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    while relay_batch(client=redis_connection.client(), limit=500).sent:
        pass
    _webhooks()
    return Known(user, friend)


def _sign_ins(user: User) -> None:
    with transaction.atomic():
        emit(
            UserCreated(
                user_id=user.public_id, email=EMAIL, locale=user.locale, timezone=user.timezone
            )
        )
        sessions.begin(
            user=user,
            method=SignInMethod.PASSWORD,
            amr=("pwd",),
            device=Device(name=DEVICE, fingerprint=DEVICE),
        )
        single_use_tokens.issue(
            user=user, purpose=TokenPurpose.PASSWORD_RESET, lifetime=600, details={"for": EMAIL}
        )
    sign_in_browser(user)
    preferences.patch(user=user, changes={"theme": "dark"})
    key = api_keys.create(user=user, name=f"robot of {NAME}", scopes=["me:read"]).key
    key.last_used_ip = IP
    key.save()
    BlockedSignIn.objects.create(user=user, ip=IP, device_fingerprint=DEVICE, risk_score=90)
    sign_in_throttle.record_failure(EMAIL)
    EmailChange.objects.create(
        user=user, old_email=EMAIL, new_email=f"new.{EMAIL}", expires_at=timezone.now()
    )
    social = SocialAccount.objects.create(
        user=user, provider="google", uid="4711", extra_data={"email": EMAIL, "name": NAME}
    )
    SocialToken.objects.create(account=social, token="of the provider")
    address = EmailAddress.objects.create(user=user, email=EMAIL)
    EmailConfirmation.objects.create(email_address=address, key="confirm")


def _factors(user: User, friend: User) -> None:
    totp.enroll(user=user)
    a_passkey(user)
    Passkey.objects.of(user.pk).update(name=f"phone of {NAME}")
    PasskeyChallenge.objects.remember(
        b"asked",
        purpose=ChallengePurpose.STEP_UP,
        user_id=user.pk,
        binding="",
        until=timezone.now() + timedelta(minutes=5),
    )
    ResetRequest.objects.create(
        user=user,
        requested_by=friend,
        reason=f"{NAME} has lost the phone",
        expires_at=timezone.now() + timedelta(hours=1),
    )


def _rights(user: User) -> None:
    roles.grant_role(user=user, role="trader", granted_by=None, reason=f"{NAME} trades")
    DecisionRecord.objects.create(
        subject=f"user:{user.public_id}",
        subject_type="user",
        action="trade:place_order",
        resource="trading_account:x",
        resource_type="trading_account",
        allowed=False,
        reason="no_policy",
        fingerprint="f",
        source="api",
        context={"ip": IP},
        subject_attributes={"email": EMAIL},
    )


def _broker_accounts(user: User, friend: User) -> None:
    account = active_account(owner=user, nickname=f"{NAME}'s")
    TradingAccount.objects.filter(pk=account.pk).update(
        broker_user_masked=BROKER_USER, profile={"user_id": BROKER_USER, "user_name": NAME}
    )
    MembershipFactory.create(account=account, user=friend)
    theirs = active_account(owner=friend)
    MembershipFactory.create(account=theirs, user=user, invited_email=EMAIL.lower())
    MembershipFactory.create(
        account=active_account(owner=friend),
        user=None,
        invited_email=EMAIL.lower(),
        status="invited",
        accepted_at=None,
    )
    credential = account.credential_versions.get()
    LoginAttempt.objects.create(
        account=account,
        credential=credential,
        user=user,
        state_hash=b"s" * 32,
        expires_at=timezone.now(),
    )
    SyncRun.objects.create(account=account, trigger="request", due_at=timezone.now())
    profile = PaperProfile.objects.create(user=user, client_id=BROKER_USER, cash=1)
    PaperSession.objects.create(
        profile=profile, api_key="k", request_hash=b"r" * 32, request_good_until=timezone.now()
    )


def _around(user: User) -> None:
    export = ExportJob.objects.create(format="json", before=timezone.now(), question={"ip": IP})
    ExportPart.objects.create(export=export, number=1, content=zlib.compress(EMAIL.encode()))
    IdempotencyRecord.objects.create(
        caller=f"user:{user.public_id}",
        endpoint="POST /v1/x",
        key=EMAIL,
        request_hash="h",
        expires_at=timezone.now() + timedelta(hours=1),
    )
    JobFactory.create(
        owner_type="user",
        owner_id=user.public_id,
        state="succeeded",
        started_at=timezone.now(),
        finished_at=timezone.now(),
        result={"for": EMAIL},
    )
    SavedSearch.objects.create(owner=user, page=Page.PEOPLE, name=f"{NAME}'s", query=f"q={EMAIL}")
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=EMAIL,
        action_flag=CHANGE,
    )


def _webhooks() -> None:
    """A receiver that has refused an event about the person, and repeats what it was told."""
    delivery = a_delivery()
    delivery.event = OutboxEvent.objects.get(event_type="user.created.v1", data__email=EMAIL)
    delivery.save()
    WebhookAttempt.objects.create(
        delivery=delivery, number=1, status=400, duration_ms=1, excerpt=f"who is {EMAIL}?"
    )


def searched() -> Iterator[tuple[str, str]]:
    """All that is kept, as text in lower case, by where it is: every table, every key of Redis, archives."""
    yield from ((name, text.lower()) for name, text in _tables())
    client = redis_connection.client()
    for key in client.scan_iter():
        yield f"redis {key!r}", f"{key!r} {_value(client, key)}".lower()
    folder = settings.ENVIRONMENT.archive_dir
    for path in folder.rglob("*") if folder.exists() else ():
        yield (
            f"file {path.name}",
            path.read_text(errors="replace").lower() if path.is_file() else "",
        )


def _tables() -> Iterator[tuple[str, str]]:
    for name in connection.introspection.table_names():
        with (
            connection.cursor() as cursor,
            cursor.copy(DUMP.format(name)) as copy,
        ):
            text = b"".join(bytes(chunk) for chunk in copy).decode()
        yield f"table {name}", text
        if name == "django_session":
            yield f"table {name}, opened", _opened(text)


def _opened(text: str) -> str:
    """What browsers remember is packed."""
    packed = [line.split("\t")[1] for line in text.splitlines()]
    return " ".join(_unpacked(each.split(":")[0]) for each in packed)


def _unpacked(part: str) -> str:
    data = part.removeprefix(".")
    raw = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
    return (zlib.decompress(raw) if part.startswith(".") else raw).decode()


def _value(client: Any, key: bytes) -> Any:
    kind = client.type(key)
    readers = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"zset": lambda name: client.zrange(name, 0, -1, withscores=True),
        b"stream": client.xrange,
    }
    return readers[kind](key)


def places_of(*marks: str) -> set[str]:
    """Where any of these is to be found."""
    return {place for place, text in searched() if any(mark in text for mark in marks)}
