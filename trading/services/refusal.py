"""The broker would not log anyone in with these credentials."""

from django.db import transaction
from django.utils import timezone

from events.domain import emit
from trading.events import CredentialsInvalid
from trading.metrics import CREDENTIAL_ROTATIONS
from trading.models import CredentialStatus, CredentialVersion, LoginAttempt
from trading.services import credentials, transitions
from trading.services.transitions import Cause

REASON = "The broker refused the API key and secret."


@transaction.atomic
def record(*, attempt: LoginAttempt) -> None:
    """New credentials that were to replace proven ones are dropped and the account goes on as it was; an account that
    has no working session becomes invalid; one that has keeps it. News of a retired version changes nothing.
    """
    account = transitions.locked(attempt.account_id)
    version = CredentialVersion.objects.get(pk=attempt.credential_id)
    rotating = (
        version.status == CredentialStatus.PENDING
        and account.credential_versions.current().exists()
    )
    if rotating:
        credentials.retire(account=account, status=CredentialStatus.PENDING, at=timezone.now())
        transaction.on_commit(CREDENTIAL_ROTATIONS.labels("refused").inc)
    elif version.status != CredentialStatus.RETIRED and transitions.allows(
        account, Cause.CREDENTIALS_REFUSED
    ):
        transitions.move(account, Cause.CREDENTIALS_REFUSED, reason=REASON)
        account.save()
    else:
        return
    emit(
        CredentialsInvalid(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            credential_version=version.number,
        )
    )
