"""A row of the trail as a sentence for people. What rows tell besides (who, where, when) has columns of its own."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from audit.models import AuthEvent
from audit.types import AuditType

T = AuditType
SENTENCES: Mapping[AuditType, Any] = {
    T.SIGN_IN_SUCCEEDED: _("Signed in (%(method)s)."),
    T.SIGN_IN_FAILED: _("A sign-in failed: %(reason)s."),
    T.SIGN_IN_DELAYED: _("A sign-in had to wait after many failures."),
    T.SIGN_IN_BLOCKED: _("A sign-in with the right password was stopped as too risky."),
    T.SIGN_IN_APPROVED: _("A stopped sign-in was said to be the person's own."),
    T.SIGNED_OUT: _("A session ended: %(reason)s."),
    T.TOKEN_REFRESHED: _("A session was renewed."),
    T.TOKEN_REUSED: _("A used refresh token came again."),
    T.SECOND_FACTOR_CHALLENGED: _("A second factor was asked for (%(methods)s)."),
    T.SECOND_FACTOR_PASSED: _("The second factor was right (%(method)s)."),
    T.SECOND_FACTOR_FAILED: _("The second factor was wrong (%(method)s): %(reason)s."),
    T.STEPPED_UP: _("Proved who they are once more (%(method)s)."),
    T.ACCOUNT_CREATED: _("The account was made."),
    T.ACCOUNT_UPDATED: _("The account was changed: %(changed)s."),
    T.ACCOUNT_SUSPENDED: _("The account was suspended."),
    T.ACCOUNT_REACTIVATED: _("The account was let in again."),
    T.ACCOUNT_DEACTIVATED: _("The account was closed."),
    T.ACCOUNT_ERASED: _("What was held of the person was erased."),
    T.PASSWORD_CHANGED: _("The password was changed."),
    T.PASSWORD_RESET: _("The password was reset by a mailed link."),
    T.PASSWORD_CHANGE_REQUIRED: _("The password was taken away until a new one is chosen."),
    T.EMAIL_CHANGE_REQUESTED: _("A change of the e-mail address was asked for."),
    T.EMAIL_CHANGE_ENDED: _("A change of the e-mail address came to nothing: %(why)s."),
    T.EMAIL_CHANGED: _("The e-mail address was changed."),
    T.EMAIL_RESTORED: _("The former e-mail address was put back: the change was not the person's."),
    T.SIGN_IN_LINKED: _("A sign-in with %(credential)s was connected."),
    T.SIGN_IN_UNLINKED: _("The sign-in with %(credential)s was disconnected."),
    T.FACTOR_ENROLLED: _("A second factor was added (%(method)s)."),
    T.FACTOR_REMOVED: _("Second factors were removed (%(methods)s)."),
    T.FACTOR_RESET_REQUESTED: _("A reset of lost factors was asked for."),
    T.FACTOR_RESET_APPROVED: _("A reset of lost factors was approved."),
    T.FACTOR_RESET_CANCELLED: _("A reset of lost factors was taken back."),
    T.API_KEY_CREATED: _("An API key was made: %(name)s."),
    T.API_KEY_REVOKED: _("An API key was revoked: %(name)s."),
    T.ROLE_GRANTED: _("The role %(role)s was granted."),
    T.ROLE_REVOKED: _("The role %(role)s was taken away."),
    T.ROLE_EXPIRED: _("The role %(role)s ran out."),
    T.ROLE_DEFINED: _("The role %(role)s was defined."),
    T.ROLE_REMOVED: _("The role %(role)s was removed."),
    T.MEMBERSHIP_INVITED: _("Somebody was invited to share a broker account (%(permissions)s)."),
    T.MEMBERSHIP_GRANTED: _("A broker account is shared from now on (%(permissions)s)."),
    T.MEMBERSHIP_UPDATED: _(
        "What a member may do with a broker account changed (%(permissions)s)."
    ),
    T.MEMBERSHIP_REVOKED: _("A broker account is shared no longer: %(reason)s."),
    T.INVITATION_RESENT: _("An invitation to share a broker account was sent again."),
    T.OWNERSHIP_OFFERED: _("A broker account was offered to a member."),
    T.OWNERSHIP_OFFER_ENDED: _("An offer of a broker account ended: %(reason)s."),
    T.OWNERSHIP_TRANSFERRED: _("A broker account has another owner."),
    T.POLICY_CREATED: _("The policy %(policy)s was written."),
    T.POLICY_UPDATED: _("The policy %(policy)s was changed (version %(policy_version)s)."),
    T.POLICY_ROLLED_BACK: _("The policy %(policy)s went back to what it was before."),
    T.POLICY_TRIED: _("A draft of the policy %(policy)s was tried on recorded decisions."),
    T.POLICY_DELETED: _("The policy %(policy)s was taken out of force."),
    T.POLICY_CASE_ADDED: _("The policy %(policy)s has new cases: %(cases)s."),
    T.POLICY_CASE_REMOVED: _("Cases of the policy %(policy)s were removed: %(cases)s."),
    T.POLICY_CASES_BROKEN: _("A change went ahead although cases broke: %(cases)s."),
    T.ENTITY_STORED: _("Entities were stored: %(entities)s."),
    T.ENTITY_DELETED: _("Entities were deleted: %(entities)s."),
    T.TRADING_ACCOUNT_LINK_BEGUN: _("Linking an account at %(broker)s began."),
    T.TRADING_ACCOUNT_LINKED: _("An account at %(broker)s was linked."),
    T.TRADING_ACCOUNT_UPDATED: _("A broker account was renamed."),
    T.TRADING_ACCOUNT_LOGGED_IN: _("Logged in at the broker for the day."),
    T.TRADING_ACCOUNT_REAUTH_REQUIRED: _("The login at the broker is over: %(reason)s."),
    T.TRADING_ACCOUNT_CREDENTIALS_INVALID: _("The broker refused the API key and secret."),
    T.TRADING_ACCOUNT_DEGRADED: _("The broker did not answer: %(reason)s."),
    T.TRADING_ACCOUNT_RECOVERED: _("The broker answers again."),
    T.TRADING_ACCOUNT_SYNC_REQUESTED: _("A sync of a broker account was asked for."),
    T.TRADING_ACCOUNTS_SYNC_REQUESTED: _("A sync of every broker account was asked for."),
    T.TRADING_ACCOUNT_ROTATION_BEGUN: _("New broker credentials were given."),
    T.TRADING_ACCOUNT_ROTATION_CANCELLED: _("New broker credentials were dropped."),
    T.TRADING_ACCOUNT_ROTATED: _("New broker credentials are in use."),
    T.TRADING_ACCOUNT_SUSPENDED: _("A broker account was stopped."),
    T.TRADING_ACCOUNT_REACTIVATED: _("A broker account was given back."),
    T.TRADING_ACCOUNT_UNLINKED: _("The account at %(broker)s was unlinked."),
    T.CLIENT_CREATED: _("The service client %(client_id)s was made."),
    T.CLIENT_UPDATED: _("The service client %(client_id)s was changed."),
    T.CLIENT_SECRET_ROTATED: _("The service client %(client_id)s has a new secret."),
    T.CLIENT_DISABLED: _("The service client %(client_id)s was disabled."),
    T.CLIENT_REGISTRATION_CHANGED: _("What %(client_id)s proves itself with has changed."),
    T.CLIENT_TOKEN_REVOKED: _("A token of %(client_id)s was revoked."),
    T.KEY_PUBLISHED: _("A signing key was published."),
    T.KEY_ROTATED: _("A new key signs tokens."),
    T.KEY_RETIRED: _("A signing key was retired."),
    T.KEY_REVOKED: _("A signing key was revoked."),
    T.WEBHOOK_CREATED: _("A webhook to %(host)s was made."),
    T.WEBHOOK_UPDATED: _("A webhook was changed: %(changed)s."),
    T.WEBHOOK_ENABLED: _("A webhook was enabled."),
    T.WEBHOOK_DISABLED: _("A webhook was disabled: %(reason)s."),
    T.WEBHOOK_SECRET_ROTATED: _("A webhook has a new secret."),
    T.WEBHOOK_REPLAYED: _("%(deliveries)s deliveries of a webhook were made again."),
    T.WEBHOOK_DELETED: _("A webhook was deleted."),
    T.EVENTS_REPLAYED: _("%(events)s events were sent again (%(selection)s)."),
    T.CREDENTIALS_READ: _("%(client_id)s asked for broker credentials."),
    T.PRIVACY_REQUESTED: _("A request about the person's data was made: %(kind)s."),
    T.PRIVACY_FETCHED: _("The archive of the person's data was fetched."),
    T.HOLD_PLACED: _("A legal hold was placed."),
    T.HOLD_LIFTED: _("A legal hold was lifted."),
    T.TRAIL_EXPORTED: _("An export of the trail: %(step)s (%(format)s)."),
    T.PERSON_EXPORTED: _("The archive of the person's data is ready."),
    T.CONSOLE_VIEWED: _("Looked at a page of the console: %(page)s %(object_id)s."),
    T.SEARCH_SAVED: _("A search was saved: %(name)s."),
    T.SEARCH_DELETED: _("A saved search was deleted: %(name)s."),
    T.JOB_RUN_BY_HAND: _("A scheduled job was run by hand: %(job)s."),
    T.SESSION_ANOMALY: _("Something looked wrong: %(kind)s."),
    T.SECRET_DID_NOT_OPEN: _("A sealed value did not open: %(reason)s."),
}
NOTHING = "\N{EN DASH}"
# Words of vocabularies that sentences tell, besides those that the catalogue has of elsewhere.
VOCABULARY = (
    gettext_noop("bad credentials"),
    gettext_noop("blocked by risk"),
    gettext_noop("declined"),
    gettext_noop("disowned"),
    gettext_noop("impossible travel"),
    gettext_noop("left"),
    gettext_noop("logout"),
    gettext_noop("new country"),
    gettext_noop("new device"),
    gettext_noop("not staff"),
    gettext_noop("throttled"),
    gettext_noop("withdrawn"),
)
# What an older row does not tell is left out.
UNTOLD = re.compile(rf": {NOTHING}(?=[.।])| \({NOTHING}\)")
REASONS = ("note", "reason")  # what was said why, where the sentence does not have it


def sentence_of(row: AuthEvent) -> str:
    """What happened, and why if somebody said it; of a type that a newer release wrote, the type."""
    try:
        template = str(SENTENCES[AuditType(row.event_type)])  # type: ignore[call-arg]
    except ValueError:
        return row.event_type
    told = template % _details(row.metadata)
    told = UNTOLD.sub("", told)
    why = next(
        (
            row.metadata[name]
            for name in REASONS
            if row.metadata.get(name) and f"%({name})" not in template
        ),
        "",
    )
    return _now("%(told)s Reason: %(why)s") % {"told": told, "why": why} if why else told


def _details(metadata: Mapping[str, Any]) -> "defaultdict[str, str]":
    """As a sentence has them; a dash for what an older row does not tell."""
    return defaultdict(lambda: NOTHING, {name: _spoken(value) for name, value in metadata.items()})


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_spoken, value)) or NOTHING
    if isinstance(value, str) and value.islower() and value.replace("_", "").isalpha():
        return _now(value.replace("_", " "))  # a word of a vocabulary
    return str(value) if value not in (None, "") else NOTHING
