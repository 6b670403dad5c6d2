"""The credential versions of an account: sealed, proven, retired."""

from datetime import datetime
from typing import TYPE_CHECKING

import orjson
from django.db.models import Max
from django.utils import timezone

from config.vault.errors import KeyDestroyedError
from config.vault.sealing import open_field, seal_field
from trading.brokers.base import BrokerCredentials, BrokerError
from trading.brokers.registry import get_broker
from trading.errors import AccountNotUsableError, from_broker
from trading.masking import masked
from trading.models import CredentialStatus, CredentialVersion, TradingAccount

if TYPE_CHECKING:
    from accounts.models import User


def issued_by(broker: str) -> BrokerCredentials:
    """Fresh ones of a broker that makes them itself. Raises BrokerRequestRefusedError, BrokerNotAnsweringError."""
    try:
        return get_broker(broker).issue_credentials()
    except BrokerError as error:
        raise from_broker(error) from None


def sealed(
    *, account: TradingAccount, credentials: BrokerCredentials, created_by: "User"
) -> CredentialVersion:
    """A version of `account` with `credentials` in it, that `add_pending` saves. To be made before any lock is taken,
    for the key service may take its time.

    Raises VaultUnavailableError; AccountNotUsableError for an account that is being unlinked.
    """
    version = CredentialVersion(
        account=account, api_key_masked=masked(credentials.api_key), created_by=created_by
    )
    plaintext = {"api_key": credentials.api_key, "api_secret": credentials.api_secret}
    try:
        seal_field(version, "secret", orjson.dumps(plaintext))
    except KeyDestroyedError:
        raise AccountNotUsableError("The account is being unlinked.") from None
    return version


def add_pending(version: CredentialVersion) -> None:
    """Save a sealed `version` as the account's next, in place of one that no login has proven yet. The caller holds the
    account locked.
    """
    account = version.account
    retire(account=account, status=CredentialStatus.PENDING, at=timezone.now())
    latest = account.credential_versions.aggregate(number=Max("number"))["number"] or 0
    version.number = latest + 1
    version.save(force_insert=True)


def opened(version: CredentialVersion) -> BrokerCredentials:
    """The plaintext of `version`: hold it no longer than the call that needs it.

    Raises VaultUnavailableError; OpenFailedError for a secret that was tampered with; AccountNotUsableError for a
    version that was retired or shredded meanwhile.
    """
    if version.secret is None:
        raise AccountNotUsableError("These credentials have been replaced.")
    try:
        plaintext = orjson.loads(open_field(version, "secret"))
    except KeyDestroyedError:
        raise AccountNotUsableError("The account is being unlinked.") from None
    return BrokerCredentials(api_key=plaintext["api_key"], api_secret=plaintext["api_secret"])


def promote(*, version: CredentialVersion, at: datetime) -> None:
    """Make a proven `version` the current one; the one before it is forgotten. The caller holds the account locked."""
    retire(account=version.account, status=CredentialStatus.CURRENT, at=at)
    version.status = CredentialStatus.CURRENT
    version.proven_at = at
    version.save(update_fields=["status", "proven_at", "updated_at"])


def retire(
    *, account: TradingAccount, at: datetime, status: CredentialStatus | None = None
) -> None:
    """Forget the secrets of the account's versions in `status`, or of all of them."""
    versions = account.credential_versions.unretired()
    if status is not None:
        versions = versions.filter(status=status)
    versions.update(status=CredentialStatus.RETIRED, secret=None, retired_at=at, updated_at=at)
