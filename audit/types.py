"""The vocabulary of the trail: what kinds of rows there are, and what each is in OCSF.

Classes of the Open Cybersecurity Schema Framework: https://schema.ocsf.io/1.6.0/classes
"""

from enum import IntEnum, StrEnum
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class OCSFClass(IntEnum):
    DETECTION_FINDING = 2004
    ACCOUNT_CHANGE = 3001
    AUTHENTICATION = 3002
    ENTITY_MANAGEMENT = 3004
    USER_ACCESS_MANAGEMENT = 3005
    API_ACTIVITY = 6003

    @property
    def label(self) -> str:
        """As the metrics name it: `account_change`."""
        return self.name.lower()


class AuditType(StrEnum):
    """The types of rows. One is never renamed and never removed: rows of it stay for years."""

    ocsf_class: OCSFClass

    def __new__(cls, value: str, ocsf_class: OCSFClass) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.ocsf_class = ocsf_class
        return member

    SIGN_IN_SUCCEEDED = "auth.login.succeeded", OCSFClass.AUTHENTICATION
    SIGN_IN_FAILED = "auth.login.failed", OCSFClass.AUTHENTICATION
    SIGN_IN_DELAYED = "auth.login.delayed", OCSFClass.AUTHENTICATION
    SIGN_IN_BLOCKED = "auth.login.blocked", OCSFClass.AUTHENTICATION
    SIGN_IN_APPROVED = "auth.login.approved", OCSFClass.AUTHENTICATION
    SIGNED_OUT = "auth.logout", OCSFClass.AUTHENTICATION
    TOKEN_REFRESHED = "auth.token.refreshed", OCSFClass.AUTHENTICATION
    TOKEN_REUSED = "auth.token.reused", OCSFClass.AUTHENTICATION
    SECOND_FACTOR_CHALLENGED = "auth.mfa.challenged", OCSFClass.AUTHENTICATION
    SECOND_FACTOR_PASSED = "auth.mfa.passed", OCSFClass.AUTHENTICATION
    SECOND_FACTOR_FAILED = "auth.mfa.failed", OCSFClass.AUTHENTICATION
    STEPPED_UP = "auth.step_up", OCSFClass.AUTHENTICATION

    ACCOUNT_CREATED = "account.created", OCSFClass.ACCOUNT_CHANGE
    ACCOUNT_UPDATED = "account.updated", OCSFClass.ACCOUNT_CHANGE
    ACCOUNT_SUSPENDED = "account.suspended", OCSFClass.ACCOUNT_CHANGE
    ACCOUNT_REACTIVATED = "account.reactivated", OCSFClass.ACCOUNT_CHANGE
    ACCOUNT_DEACTIVATED = "account.deactivated", OCSFClass.ACCOUNT_CHANGE
    ACCOUNT_ERASED = "account.erased", OCSFClass.ACCOUNT_CHANGE
    PASSWORD_CHANGED = "account.password.changed", OCSFClass.ACCOUNT_CHANGE
    PASSWORD_RESET = "account.password.reset", OCSFClass.ACCOUNT_CHANGE
    PASSWORD_CHANGE_REQUIRED = "account.password.change_required", OCSFClass.ACCOUNT_CHANGE
    EMAIL_CHANGE_REQUESTED = "account.email.change_requested", OCSFClass.ACCOUNT_CHANGE
    EMAIL_CHANGE_ENDED = "account.email.change_ended", OCSFClass.ACCOUNT_CHANGE
    EMAIL_CHANGED = "account.email.changed", OCSFClass.ACCOUNT_CHANGE
    EMAIL_RESTORED = "account.email.restored", OCSFClass.ACCOUNT_CHANGE
    SIGN_IN_LINKED = "account.sign_in.linked", OCSFClass.ACCOUNT_CHANGE
    SIGN_IN_UNLINKED = "account.sign_in.unlinked", OCSFClass.ACCOUNT_CHANGE
    FACTOR_ENROLLED = "account.mfa.enrolled", OCSFClass.ACCOUNT_CHANGE
    FACTOR_REMOVED = "account.mfa.removed", OCSFClass.ACCOUNT_CHANGE
    FACTOR_RESET_REQUESTED = "account.mfa.reset_requested", OCSFClass.ACCOUNT_CHANGE
    FACTOR_RESET_APPROVED = "account.mfa.reset_approved", OCSFClass.ACCOUNT_CHANGE
    FACTOR_RESET_CANCELLED = "account.mfa.reset_cancelled", OCSFClass.ACCOUNT_CHANGE
    API_KEY_CREATED = "account.api_key.created", OCSFClass.ACCOUNT_CHANGE
    API_KEY_REVOKED = "account.api_key.revoked", OCSFClass.ACCOUNT_CHANGE

    ROLE_GRANTED = "authz.role.granted", OCSFClass.USER_ACCESS_MANAGEMENT
    ROLE_REVOKED = "authz.role.revoked", OCSFClass.USER_ACCESS_MANAGEMENT
    ROLE_EXPIRED = "authz.role.expired", OCSFClass.USER_ACCESS_MANAGEMENT
    ROLE_DEFINED = "authz.role.defined", OCSFClass.USER_ACCESS_MANAGEMENT
    ROLE_REMOVED = "authz.role.removed", OCSFClass.USER_ACCESS_MANAGEMENT
    MEMBERSHIP_INVITED = "trading.membership.invited", OCSFClass.USER_ACCESS_MANAGEMENT
    MEMBERSHIP_GRANTED = "trading.membership.granted", OCSFClass.USER_ACCESS_MANAGEMENT
    MEMBERSHIP_UPDATED = "trading.membership.updated", OCSFClass.USER_ACCESS_MANAGEMENT
    MEMBERSHIP_REVOKED = "trading.membership.revoked", OCSFClass.USER_ACCESS_MANAGEMENT
    INVITATION_RESENT = "trading.membership.invitation_resent", OCSFClass.USER_ACCESS_MANAGEMENT
    OWNERSHIP_OFFERED = "trading.ownership.offered", OCSFClass.USER_ACCESS_MANAGEMENT
    OWNERSHIP_OFFER_ENDED = "trading.ownership.offer_ended", OCSFClass.USER_ACCESS_MANAGEMENT
    OWNERSHIP_TRANSFERRED = "trading.ownership.transferred", OCSFClass.USER_ACCESS_MANAGEMENT

    POLICY_CREATED = "authz.policy.created", OCSFClass.ENTITY_MANAGEMENT
    POLICY_UPDATED = "authz.policy.updated", OCSFClass.ENTITY_MANAGEMENT
    POLICY_ROLLED_BACK = "authz.policy.rolled_back", OCSFClass.ENTITY_MANAGEMENT
    POLICY_DELETED = "authz.policy.deleted", OCSFClass.ENTITY_MANAGEMENT
    POLICY_TRIED = "authz.policy.tried", OCSFClass.ENTITY_MANAGEMENT
    POLICY_CASE_ADDED = "authz.policy.case_added", OCSFClass.ENTITY_MANAGEMENT
    POLICY_CASE_REMOVED = "authz.policy.case_removed", OCSFClass.ENTITY_MANAGEMENT
    POLICY_CASES_BROKEN = "authz.policy.cases_broken", OCSFClass.ENTITY_MANAGEMENT
    ENTITY_STORED = "authz.entity.stored", OCSFClass.ENTITY_MANAGEMENT
    ENTITY_DELETED = "authz.entity.deleted", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_LINK_BEGUN = "trading.account.link_begun", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_LINKED = "trading.account.linked", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_UPDATED = "trading.account.updated", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_LOGGED_IN = "trading.account.logged_in", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_REAUTH_REQUIRED = "trading.account.reauth_required", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_CREDENTIALS_INVALID = (
        "trading.account.credentials_invalid",
        OCSFClass.ENTITY_MANAGEMENT,
    )
    TRADING_ACCOUNT_DEGRADED = "trading.account.degraded", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_RECOVERED = "trading.account.recovered", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_SYNC_REQUESTED = "trading.account.sync_requested", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNTS_SYNC_REQUESTED = "trading.accounts.sync_requested", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_ROTATION_BEGUN = "trading.account.rotation_begun", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_ROTATION_CANCELLED = (
        "trading.account.rotation_cancelled",
        OCSFClass.ENTITY_MANAGEMENT,
    )
    TRADING_ACCOUNT_ROTATED = "trading.account.rotated", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_SUSPENDED = "trading.account.suspended", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_REACTIVATED = "trading.account.reactivated", OCSFClass.ENTITY_MANAGEMENT
    TRADING_ACCOUNT_UNLINKED = "trading.account.unlinked", OCSFClass.ENTITY_MANAGEMENT
    CLIENT_CREATED = "client.created", OCSFClass.ENTITY_MANAGEMENT
    CLIENT_UPDATED = "client.updated", OCSFClass.ENTITY_MANAGEMENT
    CLIENT_SECRET_ROTATED = "client.secret_rotated", OCSFClass.ENTITY_MANAGEMENT
    CLIENT_DISABLED = "client.disabled", OCSFClass.ENTITY_MANAGEMENT
    CLIENT_REGISTRATION_CHANGED = "client.registration_changed", OCSFClass.ENTITY_MANAGEMENT
    CLIENT_TOKEN_REVOKED = "client.token_revoked", OCSFClass.ENTITY_MANAGEMENT
    KEY_PUBLISHED = "key.published", OCSFClass.ENTITY_MANAGEMENT
    KEY_ROTATED = "key.rotated", OCSFClass.ENTITY_MANAGEMENT
    KEY_RETIRED = "key.retired", OCSFClass.ENTITY_MANAGEMENT
    KEY_REVOKED = "key.revoked", OCSFClass.ENTITY_MANAGEMENT
    WEBHOOK_CREATED = "webhook.created", OCSFClass.ENTITY_MANAGEMENT
    WEBHOOK_UPDATED = "webhook.updated", OCSFClass.ENTITY_MANAGEMENT
    WEBHOOK_ENABLED = "webhook.enabled", OCSFClass.ENTITY_MANAGEMENT
    WEBHOOK_DISABLED = "webhook.disabled", OCSFClass.ENTITY_MANAGEMENT
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated", OCSFClass.ENTITY_MANAGEMENT
    WEBHOOK_REPLAYED = "webhook.replayed", OCSFClass.ENTITY_MANAGEMENT
    WEBHOOK_DELETED = "webhook.deleted", OCSFClass.ENTITY_MANAGEMENT

    EVENTS_REPLAYED = "event.replayed", OCSFClass.API_ACTIVITY
    CREDENTIALS_READ = "trading.credentials.read", OCSFClass.API_ACTIVITY
    PRIVACY_REQUESTED = "privacy.requested", OCSFClass.API_ACTIVITY
    PRIVACY_FETCHED = "privacy.fetched", OCSFClass.API_ACTIVITY
    HOLD_PLACED = "privacy.hold.placed", OCSFClass.ACCOUNT_CHANGE
    HOLD_LIFTED = "privacy.hold.lifted", OCSFClass.ACCOUNT_CHANGE
    TRAIL_EXPORTED = "audit.exported", OCSFClass.API_ACTIVITY
    PERSON_EXPORTED = "privacy.exported", OCSFClass.API_ACTIVITY
    CONSOLE_VIEWED = "console.viewed", OCSFClass.API_ACTIVITY
    SEARCH_SAVED = "console.search_saved", OCSFClass.ENTITY_MANAGEMENT
    SEARCH_DELETED = "console.search_deleted", OCSFClass.ENTITY_MANAGEMENT
    JOB_RUN_BY_HAND = "console.job_run", OCSFClass.API_ACTIVITY

    SESSION_ANOMALY = "session.anomaly", OCSFClass.DETECTION_FINDING
    SECRET_DID_NOT_OPEN = "vault.open_failed", OCSFClass.DETECTION_FINDING

    @classmethod
    def matching(cls, pattern: str) -> frozenset["AuditType"]:
        """The types that `pattern` names: itself, or with `auth.*` all that begin with `auth.`; none if unknown."""
        if pattern.endswith(".*"):
            return frozenset(kind for kind in cls if kind.startswith(pattern[:-1]))
        return frozenset(kind for kind in cls if kind.value == pattern)


class ActorType(models.TextChoices):
    """Who did it. The system is the service itself: a command, a scheduled task."""

    USER = "user", _("user")
    SERVICE = "service", _("service")
    SYSTEM = "system", _("system")
    ANONYMOUS = "anonymous", _("anonymous")


class Outcome(models.TextChoices):
    SUCCESS = "success", _("success")
    FAILURE = "failure", _("failure")
