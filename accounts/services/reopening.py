"""Taking back that one has closed one's account, until it is erased (ADR 0082)."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts import tasks
from accounts.errors import (
    InvalidCredentialsError,
    InvalidSingleUseTokenError,
    StatusTransitionError,
)
from accounts.models import User
from accounts.models.single_use_token import TokenPurpose
from accounts.services import single_use_tokens, status
from config.http import context
from config.http.problems import FieldError, InvalidRequestError
from mfa.services import verification


@dataclass(frozen=True, kw_only=True)
class ReopeningOffered:
    """The password was right and the person has closed the account: `reopening_token` takes it back until then.

    `methods` are the second factors of which one is asked for; empty when there is none.
    """

    reopening_token: str = field(repr=False)
    erasure_due_at: datetime
    methods: tuple[str, ...]


def offer(user: User) -> ReopeningOffered:
    """What somebody gets who knows the password of an account that its owner has closed.

    Raises InvalidCredentialsError when staff have changed its state just now.
    """
    if user.erasure_due_at is None:
        raise InvalidCredentialsError
    with transaction.atomic():
        token = single_use_tokens.issue(
            user=user,
            purpose=TokenPurpose.REOPENING,
            lifetime=settings.ENVIRONMENT.mfa_token_lifetime,
            attempts=settings.ENVIRONMENT.mfa_token_attempts,
        )
    return ReopeningOffered(
        reopening_token=token,
        erasure_due_at=user.erasure_due_at,
        methods=verification.methods_of(user),
    )


def reopen(*, token: str, code: str = "") -> User:
    """The account is active again; what was signed in before stays signed out.

    Closing it took a second factor where there is one, so opening it does too: `code`. Raises
    InvalidSingleUseTokenError, InvalidRequestError without the code, and `mfa.errors.InvalidCodeError`.
    """
    row = single_use_tokens.peek(token, purpose=TokenPurpose.REOPENING)
    if verification.methods_of(row.user):
        if not code:
            raise InvalidRequestError(
                errors=[FieldError("code", "required", "Of your second factor.")]
            )
        row = single_use_tokens.spend_attempt(token, purpose=TokenPurpose.REOPENING)
        verification.verify(user=row.user, code=code)
    user = row.user
    if not user.may_reopen:
        raise InvalidSingleUseTokenError
    with transaction.atomic():
        single_use_tokens.use_up(row)
        context.amend(actor_type="user", actor_id=user.public_id)
        try:
            status.reactivate(user=user, reason="taken back by the person")
        except StatusTransitionError:
            raise InvalidSingleUseTokenError from None
        transaction.on_commit(lambda: tasks.send_account_reopened_mail.delay(user.public_id))
    return user
