"""The console's menu: what a person may not see is not in it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from config.http.console import holds

SECTIONS: tuple[tuple[Any, tuple[tuple[Any, str, str, str], ...]], ...] = (
    (
        _("People"),
        (
            (_("People"), "group", "admin:accounts_user_changelist", "users:read"),
            (_("Sessions"), "devices", "admin:accounts_session_changelist", "users:read"),
            (
                _("Lost factors"),
                "lock_reset",
                "admin:mfa_resetrequest_changelist",
                "users:read",
            ),
            (
                _("Privacy requests"),
                "privacy_tip",
                "admin:privacy_privacyrequest_changelist",
                "privacy:read",
            ),
            (_("Legal holds"), "gavel", "admin:privacy_legalhold_changelist", "privacy:read"),
            (_("API keys"), "vpn_key", "admin:accounts_apikey_changelist", "users:read"),
            (_("Roles"), "badge", "admin:authz_role_changelist", "users:read"),
            (_("Role grants"), "how_to_reg", "admin:authz_rolegrant_changelist", "users:read"),
        ),
    ),
    (
        _("Decisions"),
        (
            (_("Policies"), "policy", "admin:authz_policy_changelist", "policies:read"),
            (_("Drafts"), "edit_note", "admin:authz_policydraft_changelist", "policies:write"),
            (_("Simulator"), "experiment", "admin:authz_policy_simulate", "authz:explain"),
            (
                _("Policy cases"),
                "fact_check",
                "admin:authz_policycase_changelist",
                "policies:read",
            ),
            (
                _("Recorded decisions"),
                "gavel",
                "admin:authz_decisionrecord_changelist",
                "audit:read",
            ),
        ),
    ),
    (
        _("Broker accounts"),
        (
            (
                _("Accounts"),
                "account_balance",
                "admin:trading_tradingaccount_changelist",
                "trading:read",
            ),
            (
                _("Memberships"),
                "diversity_3",
                "admin:trading_membership_changelist",
                "trading:read",
            ),
            (
                _("Transfers of ownership"),
                "swap_horiz",
                "admin:trading_ownershiptransfer_changelist",
                "trading:read",
            ),
            (_("Syncs"), "sync", "admin:trading_syncrun_changelist", "trading:read"),
        ),
    ),
    (
        _("Audit"),
        (
            (_("Trail"), "history", "admin:audit_authevent_changelist", "audit:read"),
            (_("Exports"), "download", "admin:audit_exportjob_changelist", "audit:read"),
            (_("Checkpoints"), "verified", "admin:audit_auditcheckpoint_changelist", "audit:read"),
            (
                _("Verifications"),
                "fact_check",
                "admin:audit_auditverification_changelist",
                "audit:read",
            ),
        ),
    ),
    (
        _("Platform"),
        (
            (_("Signing keys"), "key", "admin:accounts_signingkey_changelist", "console:access"),
            (_("Data keys"), "encrypted", "admin:vault_datakey_changelist", "console:access"),
            (
                _("Service clients"),
                "robot_2",
                "admin:accounts_serviceclient_changelist",
                "console:access",
            ),
            (_("Webhooks"), "webhook", "admin:events_webhook_changelist", "webhooks:read"),
            (
                _("Deliveries"),
                "local_shipping",
                "admin:events_webhookdelivery_changelist",
                "webhooks:read",
            ),
            (_("Outbox"), "outbox", "admin:events_outboxevent_changelist", "jobs:read"),
            (_("Jobs"), "work_history", "admin:jobs_job_changelist", "jobs:read"),
            (_("Scheduled jobs"), "schedule", "admin:jobs_scheduledjob_changelist", "jobs:read"),
            (_("Configuration"), "tune", "platform-configuration", "jobs:read"),
            (_("System check"), "health_and_safety", "platform-check", "jobs:read"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's SIDEBAR navigation for whoever asks; sections without an entry are left out."""
    here = _here(request)
    menu = [
        {
            "title": title,
            "separator": True,
            "items": [
                {
                    "title": name,
                    "icon": icon,
                    "link": reverse_lazy(view),
                    "permission": _needs(scope),
                    "active": _says(view == here),
                }
                for name, icon, view, scope in entries
            ],
        }
        for title, entries in SECTIONS
    ]
    return [
        section for section in menu if any(item["permission"](request) for item in section["items"])
    ]


def _here(request: HttpRequest) -> str:
    """The view of the entry that the page belongs to: of those whose address it begins with, the longest. Unfold alone
    would mark every one of them.
    """
    addresses = {reverse(view): view for _, entries in SECTIONS for _, _, view, _ in entries}
    leading = [address for address in addresses if request.path.startswith(address)]
    return addresses[max(leading, key=len)] if leading else ""


def _says(answer: bool) -> Callable[[HttpRequest], bool]:
    return lambda request: answer


def _needs(scope: str) -> Callable[[HttpRequest], bool]:
    return lambda request: holds(request, scope)
