"""What a person reads about each type of row in the trail that can be about them.

Not the sentences of `audit.sentences`, which are for staff: those tell all that a row has, also what staff wrote as
their reason and which person or program it was. These say no more than the type.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.types import AuditType

SENTENCES: Mapping[str, Any] = {
    AuditType.SIGN_IN_SUCCEEDED: _("Signed in"),
    AuditType.SIGN_IN_FAILED: _("A sign-in failed"),
    AuditType.SIGN_IN_DELAYED: _("A sign-in was made to wait, after many tries"),
    AuditType.SIGN_IN_BLOCKED: _("An unusual sign-in was stopped"),
    AuditType.SIGN_IN_APPROVED: _("A stopped sign-in was allowed by the mailed link"),
    AuditType.SIGNED_OUT: _("A device was signed out"),
    AuditType.TOKEN_REFRESHED: _("An app continued its session"),
    AuditType.TOKEN_REUSED: _("A copied token was used; its session was ended"),
    AuditType.SECOND_FACTOR_CHALLENGED: _("A second factor was asked for"),
    AuditType.SECOND_FACTOR_PASSED: _("A second factor was proved"),
    AuditType.SECOND_FACTOR_FAILED: _("A second factor was not right"),
    AuditType.STEPPED_UP: _("A second factor was proved again"),
    AuditType.ACCOUNT_CREATED: _("The account was made"),
    AuditType.ACCOUNT_UPDATED: _("The profile was changed"),
    AuditType.ACCOUNT_SUSPENDED: _("The account was suspended"),
    AuditType.ACCOUNT_REACTIVATED: _("The account was opened again"),
    AuditType.ACCOUNT_DEACTIVATED: _("The account was closed"),
    AuditType.ACCOUNT_ERASED: _("The account was erased"),
    AuditType.PASSWORD_CHANGED: _("The password was changed"),
    AuditType.PASSWORD_CHANGE_REQUIRED: _("A new password was required"),
    AuditType.PASSWORD_RESET: _("The password was reset by the mailed link"),
    AuditType.EMAIL_CHANGE_REQUESTED: _("Another e-mail address was asked for"),
    AuditType.EMAIL_CHANGE_ENDED: _("The change of the e-mail address came to nothing"),
    AuditType.EMAIL_CHANGED: _("The e-mail address was changed"),
    AuditType.EMAIL_RESTORED: _("The former e-mail address was put back"),
    AuditType.SIGN_IN_LINKED: _("Another way to sign in was connected"),
    AuditType.SIGN_IN_UNLINKED: _("A way to sign in was disconnected"),
    AuditType.FACTOR_ENROLLED: _("A second factor was added"),
    AuditType.FACTOR_REMOVED: _("A second factor was removed"),
    AuditType.FACTOR_RESET_REQUESTED: _("A reset of the second factors was asked for"),
    AuditType.FACTOR_RESET_APPROVED: _("The second factors were reset"),
    AuditType.FACTOR_RESET_CANCELLED: _("The reset of the second factors was called off"),
    AuditType.API_KEY_CREATED: _("An API key was made"),
    AuditType.API_KEY_REVOKED: _("An API key was revoked"),
    AuditType.ROLE_GRANTED: _("A role was given to you"),
    AuditType.ROLE_REVOKED: _("A role was taken from you"),
    AuditType.ROLE_EXPIRED: _("A role of yours ran out"),
    AuditType.MEMBERSHIP_INVITED: _("Somebody was invited to a broker account"),
    AuditType.MEMBERSHIP_GRANTED: _("A broker account was shared"),
    AuditType.MEMBERSHIP_UPDATED: _("What somebody may do with a shared account was changed"),
    AuditType.MEMBERSHIP_REVOKED: _("The sharing of a broker account ended"),
    AuditType.INVITATION_RESENT: _("An invitation was sent again"),
    AuditType.OWNERSHIP_OFFERED: _("A broker account was offered to another owner"),
    AuditType.OWNERSHIP_OFFER_ENDED: _("The offer of a broker account ended"),
    AuditType.OWNERSHIP_TRANSFERRED: _("A broker account has another owner"),
    AuditType.TRADING_ACCOUNT_LINK_BEGUN: _("Linking a broker account was begun"),
    AuditType.TRADING_ACCOUNT_LINKED: _("A broker account was linked"),
    AuditType.TRADING_ACCOUNT_UPDATED: _("A broker account was renamed or changed"),
    AuditType.TRADING_ACCOUNT_LOGGED_IN: _("Logged in at the broker"),
    AuditType.TRADING_ACCOUNT_REAUTH_REQUIRED: _("The day's login at the broker ended"),
    AuditType.TRADING_ACCOUNT_CREDENTIALS_INVALID: _("The broker refused the API key and secret"),
    AuditType.TRADING_ACCOUNT_DEGRADED: _("The broker stopped answering"),
    AuditType.TRADING_ACCOUNT_RECOVERED: _("The broker answers again"),
    AuditType.TRADING_ACCOUNT_SYNC_REQUESTED: _("Fresh figures were asked for at the broker"),
    AuditType.TRADING_ACCOUNTS_SYNC_REQUESTED: _("Fresh figures were asked for at the broker"),
    AuditType.TRADING_ACCOUNT_ROTATION_BEGUN: _("Replacing a broker's API key was begun"),
    AuditType.TRADING_ACCOUNT_ROTATION_CANCELLED: _("Replacing a broker's API key was called off"),
    AuditType.TRADING_ACCOUNT_ROTATED: _("A broker's API key was replaced"),
    AuditType.TRADING_ACCOUNT_SUSPENDED: _("Use of a broker account was stopped"),
    AuditType.TRADING_ACCOUNT_REACTIVATED: _("A broker account may be used again"),
    AuditType.TRADING_ACCOUNT_UNLINKED: _("A broker account was unlinked"),
    AuditType.CREDENTIALS_READ: _("A program of ours used a broker login"),
    AuditType.PRIVACY_REQUESTED: _("A copy of your data, or its erasure, was asked for"),
    AuditType.PRIVACY_FETCHED: _("The copy of your data was fetched"),
    AuditType.PERSON_EXPORTED: _("A copy of your data was made"),
    AuditType.HOLD_PLACED: _("Your data is kept for a legal reason"),
    AuditType.HOLD_LIFTED: _("Your data is not kept for a legal reason any more"),
    AuditType.CONSOLE_VIEWED: _("Our staff looked at your account"),
    AuditType.SEARCH_SAVED: _("A search of the console was saved"),
    AuditType.SEARCH_DELETED: _("A search of the console was deleted"),
    AuditType.JOB_RUN_BY_HAND: _("A scheduled job was started by hand"),
    AuditType.SESSION_ANOMALY: _("Something unusual was noticed in a session"),
    AuditType.SECRET_DID_NOT_OPEN: _("A sealed secret could not be opened"),
}
OF_FAILURES = frozenset(
    {
        AuditType.SIGN_IN_FAILED,
        AuditType.SIGN_IN_DELAYED,
        AuditType.SIGN_IN_BLOCKED,
        AuditType.TOKEN_REUSED,
        AuditType.SECOND_FACTOR_FAILED,
        AuditType.TRADING_ACCOUNT_CREDENTIALS_INVALID,
        AuditType.TRADING_ACCOUNT_DEGRADED,
        AuditType.SESSION_ANOMALY,
        AuditType.SECRET_DID_NOT_OPEN,
    }
)  # whose sentences say by themselves that something went wrong
OTHERWISE = _("Something else changed")


def sentence_about(event_type: str) -> str:
    """In the language that is active; of a type that a newer release wrote it says no more than that it is there."""
    return str(SENTENCES.get(event_type, OTHERWISE))
