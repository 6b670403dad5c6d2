"""Ending a day's session: here always, and at the broker if it listens."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from config.vault.errors import KeyDestroyedError, OpenFailedError, VaultUnavailableError
from config.vault.sealing import open_field
from trading.brokers.base import BrokerError, BrokerUnavailableError
from trading.brokers.registry import get_broker
from trading.errors import AccountNotUsableError
from trading.models import BrokerSession, SessionEnd
from trading.services.credentials import opened

log = structlog.get_logger(__name__)


def token_of(session: BrokerSession) -> str:
    """The plaintext access token: hold it no longer than the call that needs it.

    Raises VaultUnavailableError; OpenFailedError for a token that was tampered with; AccountNotUsableError when the
    session has ended or its key was shredded meanwhile.
    """
    if session.access_token is None:
        raise AccountNotUsableError("The session at the broker has ended.")
    try:
        return open_field(session, "access_token").decode()
    except KeyDestroyedError:
        raise AccountNotUsableError("The account is being unlinked.") from None


def forget(session_id: UUID, *, reason: SessionEnd, at: datetime) -> bool:
    """End the session on our side and forget its token. False when it had ended already: whoever came with news
    of an old session came too late."""
    ended = (
        BrokerSession.objects.live()
        .filter(pk=session_id)
        .update(ended_at=at, end_reason=reason, access_token=None, updated_at=at)
    )
    return ended == 1


def close(account_id: UUID, *, reason: SessionEnd) -> None:
    """End the account's live session at the broker, and here whatever the broker says.

    Call it outside a transaction: the broker may take its time.
    """
    session = BrokerSession.objects.live().filter(account_id=account_id).first()
    if session is not None:
        close_one(session.pk, reason=reason)


def close_one(session_id: UUID, *, reason: SessionEnd) -> None:
    """The same for one session, whatever session the account has by now."""
    live = BrokerSession.objects.live().select_related("account", "credential")
    session = live.filter(pk=session_id).first()
    if session is None:
        return
    _end_at_broker(session)
    forget(session.pk, reason=reason, at=timezone.now())


def _end_at_broker(session: BrokerSession) -> None:
    """Try a few times; a broker or a vault that is away does not keep a session alive on our side."""
    account = session.account
    failure = ""
    try:
        credentials = opened(session.credential)
        access_token = token_of(session)
    except (VaultUnavailableError, OpenFailedError, AccountNotUsableError) as error:
        failure = error.slug
    else:
        broker = get_broker(account.broker)
        for _ in range(settings.ENVIRONMENT.broker_logout_attempts):
            try:
                broker.end_session(credentials, access_token=access_token)
            except BrokerUnavailableError as error:
                failure = error.reason
            except BrokerError as error:
                failure = error.reason
                break
            else:
                return
    log.warning(
        "trading.broker_session_left_to_expire",
        trading_account_id=account.public_id,
        reason=failure,
        expires_at=session.expires_at.isoformat(),
    )
