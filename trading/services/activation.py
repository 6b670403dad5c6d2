"""What a completed login makes true, all of it or nothing."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from config.vault.errors import KeyDestroyedError
from config.vault.mac import keyed_hash
from config.vault.sealing import seal_field
from config.violations import violated
from events.domain import DomainEvent, emit
from trading.brokers.base import BrokerLogin, BrokerProfile
from trading.errors import (
    AccountNotUsableError,
    BrokerUserMismatchError,
    BrokerUserTakenError,
)
from trading.events import AccountLinked, AccountLoggedIn, CredentialsRotated
from trading.masking import masked
from trading.metrics import CREDENTIAL_ROTATIONS
from trading.models import (
    BrokerSession,
    CredentialStatus,
    CredentialVersion,
    LoginAttempt,
    SessionEnd,
    TradingAccount,
)
from trading.services import broker_sessions, credentials, snapshots, transitions
from trading.services.transitions import Cause

LINKED_ONCE = "account_broker_user_linked_once"


def broker_user_hash(broker: str, broker_user_id: str) -> bytes:
    """Tells whether two accounts are the same broker user, without keeping who that is."""
    return keyed_hash("trading.broker_user", f"{broker}:{broker_user_id}".encode())


def activate(
    *, attempt: LoginAttempt, login: BrokerLogin, profile: BrokerProfile | None
) -> TradingAccount:
    """Keep the session, promote the credentials that it proved, and let the account be used.

    When somebody has linked the same broker user already, nothing changes and the fresh session is left alone:
    ending it at the broker could end the other's.
    Raises BrokerUserTakenError, BrokerUserMismatchError, AccountNotUsableError, VaultUnavailableError.
    """
    session = BrokerSession(
        account=attempt.account, credential=attempt.credential, expires_at=login.expires_at
    )
    try:
        seal_field(session, "access_token", login.access_token.encode())
    except KeyDestroyedError:
        raise AccountNotUsableError("The account is being unlinked.") from None
    fingerprint = broker_user_hash(attempt.account.broker, login.broker_user_id)
    try:
        return _activate(session, login, fingerprint, profile)
    except IntegrityError as error:
        if violated(error) != LINKED_ONCE:
            raise
        raise BrokerUserTakenError from None


@transaction.atomic
def _activate(
    session: BrokerSession,
    login: BrokerLogin,
    fingerprint: bytes,
    profile: BrokerProfile | None,
) -> TradingAccount:
    now = timezone.now()
    account = transitions.locked(session.account_id)
    if account.owner_id != session.account.owner_id:  # it changed hands while the broker answered
        raise AccountNotUsableError("The account has another owner.", account_status=account.status)
    transitions.move(account, Cause.LOGIN_COMPLETED)
    if account.broker_user_hash is None:
        account.broker_user_hash = fingerprint
        account.broker_user_masked = masked(login.broker_user_id)
    elif bytes(account.broker_user_hash) != fingerprint:
        raise BrokerUserMismatchError
    event = _proven(account, session.credential_id, login.expires_at, now)
    _replace_session(session, now)
    account.linked_at = account.linked_at or now
    account.reauth_by = login.expires_at
    account.sync_error = ""
    if profile is not None:
        account.profile = snapshots.of_profile(profile)
    account.save()
    emit(event)
    return account


def _proven(
    account: TradingAccount, credential_id: UUID, reauth_by: datetime, now: datetime
) -> DomainEvent:
    """The credentials have done their part; which event that is depends on whether they, or the account, are new."""
    version = CredentialVersion.objects.select_related("account").get(pk=credential_id)
    who = {"trading_account_id": account.public_id, "owner_id": account.owner.public_id}
    if version.status == CredentialStatus.RETIRED:
        raise AccountNotUsableError("These credentials have been replaced; begin a new login.")
    if version.status == CredentialStatus.PENDING:
        credentials.promote(version=version, at=now)
    if account.linked_at is None:
        return AccountLinked(**who, broker=account.broker, reauth_by=reauth_by)
    if version.proven_at == now:
        transaction.on_commit(CREDENTIAL_ROTATIONS.labels("rotated").inc)
        return CredentialsRotated(**who, credential_version=version.number, reauth_by=reauth_by)
    return AccountLoggedIn(**who, reauth_by=reauth_by)


def _replace_session(session: BrokerSession, now: datetime) -> None:
    former = BrokerSession.objects.live().filter(account_id=session.account_id).first()
    if former is not None:
        broker_sessions.forget(former.pk, reason=SessionEnd.REPLACED, at=now)
    session.save(force_insert=True)
