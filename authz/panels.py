"""What a person's page tells of roles."""

from django.utils.translation import gettext_lazy as _

from authz.models import RoleGrant
from config.dashboard.panels import Content, Deed, Line, Panel, Person, moment, register


def roles(person: Person) -> Content:
    grants = RoleGrant.objects.live().of(person.pk).select_related("role")
    return Content(
        columns=(_("role"), _("since (UTC)"), _("until (UTC)"), _("why")),
        lines=tuple(
            Line(
                texts=(
                    grant.role.name,
                    moment(grant.granted_at),
                    moment(grant.expires_at) or _("revoked"),
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


register(Panel(title=_("Roles"), model="authz.RoleGrant", draw=roles, order=40))
