"""What may go wrong with a trading account, as callers see it."""

import math
from typing import Any, ClassVar

from config.http.problems import ConflictError, ForbiddenError, ProblemError, UnavailableError
from trading.brokers.base import BrokerError, BrokerUnavailableError, SessionEndedError
from trading.next_steps import STEPS, NextStep


class TellsNextStep:
    """For problems that say what a person does about them: `next_step`, in the words that accounts use."""

    next_step: ClassVar[NextStep] = NextStep.NONE

    def __init__(self, detail: str = "", **more: Any) -> None:
        status = more.get("account_status", "")
        step = STEPS[status][0] if status in STEPS else self.next_step
        super().__init__(detail, **({"next_step": step.value} | more))  # type: ignore[call-arg]


class AccountNotUsableError(TellsNextStep, ConflictError):
    """The account is not in a state that allows this; `account_status` says which state it is in.

    `reauth_required` and `pending_login` are mended by a login at the broker (`POST …/{id}/login`), `invalid` by new
    credentials (`POST …/{id}/rotate-credentials`), `suspended` only by the platform's staff.
    `owner_suspended` and `owner_deactivated` speak of the account's owner, whom the platform has to let in again.
    """

    slug = "trading-account-not-usable"
    title = "The trading account does not allow this now"


class BrokerLoginNeededError(AccountNotUsableError):
    """There is no login at the broker, or it is over: the owner, or a member who manages the account, logs in with
    `POST /v1/trading-accounts/{id}/login`. A service waits for `trading_account.logged_in`, or
    `trading_account.linked` the first time.
    """

    slug = "broker-login-needed"
    title = "A new login at the broker is needed"
    next_step = NextStep.LOG_IN


class BrokerCredentialsInvalidError(AccountNotUsableError):
    """The broker refused the API key and secret: the owner replaces them with
    `POST /v1/trading-accounts/{id}/rotate-credentials` and logs in."""

    slug = "broker-credentials-invalid"
    title = "The broker refused the credentials"
    next_step = NextStep.REPLACE_CREDENTIALS


class AccountSuspendedError(AccountNotUsableError):
    """The platform's staff have stopped all use of the account, and they alone give it back."""

    slug = "trading-account-suspended"
    title = "The trading account is suspended"
    next_step = NextStep.CONTACT_SUPPORT


class OwnerNotActiveError(AccountNotUsableError):
    """The account's owner is suspended or has closed their account, so nothing of it is used. `account_status` says
    which; the platform has to let the person in again."""

    slug = "trading-account-owner-not-active"
    title = "The account's owner is not active"
    next_step = NextStep.CONTACT_SUPPORT


class CredentialsWithheldError(ForbiddenError):
    """A policy keeps this account's credentials from this service client, whatever its scopes. Staff see which with
    `POST /v1/authz/explain` for the action `trading_account:read_credentials`."""

    slug = "credentials-withheld"
    title = "The credentials are withheld from this client"


class LoginStateInvalidError(TellsNextStep, ProblemError):
    """The login at the broker was not begun here, was finished already, took too long, or was begun by
    somebody else. Begin a new one with `POST /v1/trading-accounts/{id}/login`.
    """

    slug = "broker-login-state-invalid"
    title = "This login cannot be finished"
    status = 400
    next_step = NextStep.LOG_IN


class LoginCancelledError(TellsNextStep, ProblemError):
    """The person turned back at the broker's login page. The account is as it was; begin a new login when they like."""

    slug = "broker-login-cancelled"
    title = "The login at the broker was cancelled"
    status = 400
    next_step = NextStep.LOG_IN


class BrokerLoginRefusedError(TellsNextStep, ProblemError):
    """The broker refused the login: the key and secret do not belong together, or the login was too old."""

    slug = "broker-login-refused"
    title = "The broker refused the login"
    status = 422
    next_step = NextStep.REPLACE_CREDENTIALS


class BrokerRequestRefusedError(TellsNextStep, ProblemError):
    """The broker understood the request and refused it; sending it again changes nothing."""

    slug = "broker-request-refused"
    title = "The broker refused the request"
    status = 422
    next_step = NextStep.CONTACT_SUPPORT


class BrokerNotAnsweringError(TellsNextStep, UnavailableError):
    """The broker did not answer, was too busy, or answered nonsense. The account is as it was. A login has to be
    begun anew, since the broker takes each of them once."""

    slug = "broker-unavailable"
    title = "The broker does not answer"
    next_step = NextStep.WAIT


class SyncUnderWayError(ConflictError):
    """The account is being synced at this moment, by somebody else's request or by the clock: what that brings is what
    you would get. See `GET /v1/trading-accounts/{id}/sync-runs`."""

    slug = "sync-under-way"
    title = "A sync of this account is under way"


class BrokerUserMismatchError(TellsNextStep, ConflictError):
    """The login was made with another broker user than the one that this account was linked with.

    Log in with the same broker user, or link the other one as an account of its own.
    """

    slug = "broker-user-mismatch"
    title = "Another broker user than before"
    next_step = NextStep.LOG_IN


class BrokerUserTakenError(TellsNextStep, ConflictError):
    """This broker user is linked to an account on the platform already, and can be linked only once."""

    slug = "broker-user-taken"
    title = "The broker user is linked already"
    next_step = NextStep.CONTACT_SUPPORT


class MembershipExistsError(ConflictError):
    """This address has been invited to the account already, or the person is a member of it."""

    slug = "membership-exists"
    title = "Invited already"


class MembershipEndedError(ConflictError):
    """The membership was declined, left, revoked or has expired, so it cannot be changed. Invite the person anew."""

    slug = "membership-ended"
    title = "The membership has ended"


class NotTransferableError(ConflictError):
    """A paper account belongs to its person: nobody else could log in to it. The other person opens their own."""

    slug = "trading-account-not-transferable"
    title = "The account stays its owner's"


class OwnershipOfferedError(ConflictError):
    """The account has been offered to a member already, who has not answered. Take that offer back first."""

    slug = "ownership-offered"
    title = "Offered to somebody already"


class GrantExceedsOwnError(ForbiddenError):
    """A member can pass on only what they hold themselves, and for no longer. The owner can give everything."""

    slug = "grant-exceeds-own"
    title = "More than you hold yourself"


def from_broker(error: BrokerError, *, next_step: NextStep = NextStep.WAIT) -> ProblemError:
    """What the caller is told of a broker call that failed, and what they do when the broker did not answer; a refused
    login is told by `BrokerLoginRefusedError`."""
    if isinstance(error, SessionEndedError):
        return BrokerLoginNeededError()
    if isinstance(error, BrokerUnavailableError):
        wait = math.ceil(error.retry_after) if error.retry_after is not None else None
        headers = {"Retry-After": str(max(1, wait))} if wait is not None else None
        return BrokerNotAnsweringError(headers=headers, next_step=next_step.value)
    return BrokerRequestRefusedError()
