"""What a person's page tells of roles, and of what was decided about them."""

from django.utils.translation import gettext_lazy as _

from authz.models import DecisionRecord, RoleGrant
from config.dashboard.panels import Content, Deed, Line, Panel, Person, moment, register

LATEST = 5  # decisions


def roles(person: Person) -> Content:
    grants = RoleGrant.objects.live().of(person.pk).select_related("role")
    return Content(
        columns=(_("role"), _("since (UTC)"), _("until (UTC)"), _("why")),
        lines=tuple(
            Line(
                texts=(
                    grant.role.name,
                    moment(grant.granted_at),
                    moment(grant.expires_at) or _("no end is set"),
                    grant.reason,
                ),
                model="authz.RoleGrant",
                key=grant.pk,
            )
            for grant in grants
        ),
        empty=_("No role: what everybody may do, and what policies allow."),
        query={"q": person.email, "state": "live"},
        deeds=(
            Deed(
                text=_("Grant a role"),
                view="admin:authz_rolegrant_add",
                scope="roles:write",
                query={"user": str(person.pk)},
            ),
        ),
    )


def decisions(person: Person) -> Content:
    subject = f"user:{person.public_id}"
    return Content(
        columns=(_("when (UTC)"), _("decision"), _("action"), _("with")),
        lines=tuple(
            Line(
                texts=(
                    moment(record.decided_at),
                    _("allowed") if record.allowed else _("denied"),
                    record.action,
                    record.resource,
                ),
                model="authz.DecisionRecord",
                key=record.pk,
                tone="" if record.allowed else "bad",
            )
            for record in DecisionRecord.objects.about(subject).order_by("-id")[:LATEST]
        ),
        empty=_("Nothing was decided about them lately, or it was not recorded."),
        query={"q": subject},
        deeds=(
            Deed(
                text=_("Try what they may do"),
                view="admin:authz_policy_simulate",
                scope="authz:explain",
                query={"subject": subject},
            ),
        ),
    )


register(
    Panel(title=_("Roles"), model="authz.RoleGrant", draw=roles, order=40),
    Panel(title=_("Decisions"), model="authz.DecisionRecord", draw=decisions, order=45, wide=True),
)
