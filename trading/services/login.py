"""A login at the broker: sent there with a state, back with a request token.

`begin` and `complete` are the two halves; what a completed login makes true is in `activation`.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.http import context
from trading.brokers.base import (
    Broker,
    BrokerCredentials,
    BrokerError,
    BrokerLogin,
    BrokerProfile,
    LoginRefusedError,
)
from trading.brokers.registry import get_broker
from trading.errors import (
    AccountNotUsableError,
    BrokerLoginRefusedError,
    LoginStateInvalidError,
    from_broker,
)
from trading.models import CredentialVersion, LoginAttempt, TradingAccount
from trading.next_steps import NextStep
from trading.services import access, activation, refusal, transitions
from trading.services.credentials import opened
from trading.services.transitions import Cause

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class LoginStarted:
    """Where to send the person. The URL holds the state, so it is theirs alone and good for minutes."""

    account: TradingAccount
    login_url: str


def begin(*, account: TradingAccount, user: "User") -> LoginStarted:
    """A fresh login of `user` with the account's current credentials, or with the first ones while none are proven.

    Raises AccountNotUsableError, VaultUnavailableError.
    """
    transitions.require(account, Cause.LOGIN_COMPLETED)
    version = _to_log_in_with(account)
    credentials = opened(version)  # the key service may take its time: before any lock
    with transaction.atomic():
        held = transitions.locked(account.pk)
        transitions.require(held, Cause.LOGIN_COMPLETED)
        if _to_log_in_with(held) != version:
            raise AccountNotUsableError("These credentials have been replaced; begin a new login.")
        return begin_with(account=held, version=version, credentials=credentials, user=user)


def _to_log_in_with(account: TradingAccount) -> CredentialVersion:
    versions = account.credential_versions
    version = versions.current().first() or versions.pending().first()
    if version is None:
        raise AccountNotUsableError("The account is being unlinked.")
    return version


def begin_with(
    *,
    account: TradingAccount,
    version: CredentialVersion,
    credentials: BrokerCredentials,
    user: "User",
) -> LoginStarted:
    """A login that uses, and so proves, this `version`, which holds `credentials`. The caller holds the account
    locked."""
    state = token_urlsafe(32)
    LoginAttempt.objects.create(
        account=account,
        credential=version,
        user=user,
        state_hash=_hashed(state),
        expires_at=timezone.now() + timedelta(seconds=settings.ENVIRONMENT.broker_login_lifetime),
    )
    broker = get_broker(account.broker)
    return LoginStarted(account=account, login_url=broker.begin_login(credentials, state=state))


def complete(
    *, broker_name: str, state: str, request_token: str, person: "User | None" = None
) -> TradingAccount:
    """What the broker's redirect brought makes the account active. `person` is who came back, when that is known.

    Raises LoginStateInvalidError, BrokerLoginRefusedError, BrokerNotAnsweringError, BrokerRequestRefusedError,
    BrokerUserMismatchError, BrokerUserTakenError, AccountNotUsableError, ForbiddenError, VaultUnavailableError.
    A state is used up by the first try, whatever comes of it: the broker takes a request token once, too.
    """
    attempt = _redeemed(broker_name, state, person)
    context.amend(actor_type="user", actor_id=attempt.user.public_id)
    access.require(
        user=attempt.user,
        account=attempt.account,
        action=access.MANAGE,
        circumstances={"ip": context.current().ip},
    )
    transitions.require(attempt.account, Cause.LOGIN_COMPLETED)
    broker = get_broker(broker_name)
    credentials = opened(attempt.credential)
    login = _exchanged(broker, credentials, request_token, attempt)
    profile = _profile(broker, credentials, login)
    return activation.activate(attempt=attempt, login=login, profile=profile)


def _hashed(state: str) -> bytes:
    """The state is 256 random bits, so a plain hash hides it; and a look-up by hash tells nothing by its timing."""
    return sha256(state.encode()).digest()


def _redeemed(broker_name: str, state: str, person: "User | None") -> LoginAttempt:
    """The attempt at that broker that `state` belongs to, used up: of any number of callers at once, one gets it."""
    now = timezone.now()
    attempts = LoginAttempt.objects.filter(state_hash=_hashed(state))
    # Asked by itself: an UPDATE that joins does not look at the row again after waiting for another's lock on it.
    if not attempts.filter(account__broker=broker_name).exists():
        raise LoginStateInvalidError
    mine = attempts.open(now) if person is None else attempts.open(now).filter(user=person)
    if mine.update(consumed_at=now, updated_at=now) != 1:
        raise LoginStateInvalidError
    return attempts.select_related("account__owner", "credential__account", "user").get()


def _exchanged(
    broker: Broker, credentials: BrokerCredentials, request_token: str, attempt: LoginAttempt
) -> BrokerLogin:
    """Never tried twice: after an answer that was lost, the person begins anew."""
    try:
        return broker.complete_login(credentials, request_token=request_token)
    except LoginRefusedError:
        refusal.record(attempt=attempt)
        raise BrokerLoginRefusedError from None
    except BrokerError as error:
        raise from_broker(error, next_step=NextStep.LOG_IN) from None


def _profile(
    broker: Broker, credentials: BrokerCredentials, login: BrokerLogin
) -> BrokerProfile | None:
    """The profile, or None when it has to wait for the next sync: the login itself is good without it."""
    try:
        profile = broker.profile(credentials, access_token=login.access_token)
    except BrokerError as error:
        log.warning("trading.profile_left_for_sync", broker=broker.name, reason=error.reason)
        return None
    if profile.broker_user_id != login.broker_user_id:
        log.warning("trading.profile_left_for_sync", broker=broker.name, reason="other_user")
        return None
    return profile
