"""What staff do to people, from a person's page and from the list: asked for with a reason, done by services."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.models import User
from accounts.models.user import UserStatus
from accounts.services import bulk_changes, staff_changes
from audit.admin.searches import SearchableAdmin
from audit.admin.watched import WatchedAdmin
from authz.admin.staff import StaffAdmin, principal
from config.http.console import holds, told
from config.http.problems import ProblemError
from config.http.proof import proof_wanted

TITLES = {
    "suspend": _("Suspend"),
    "reactivate": _("Reactivate"),
    "deactivate": _("Deactivate"),
    "end_sessions": _("End all sessions"),
    "require_password": _("Require a new password"),
    "reset_factors": _("Reset lost factors"),
    "export": _("Make an archive for the person"),
    "erase": _("Erase after the grace"),
    "hold": _("Place a legal hold"),
}
EXPLANATIONS = {
    "suspend": _(
        "They are signed out everywhere and cannot come in, nor can programs in their name, until somebody "
        "reactivates them."
    ),
    "reactivate": _("They may sign in again. An erasure that they waited for is off."),
    "deactivate": _(
        "The account is closed and signed out everywhere; API keys are revoked. Nothing is erased, and it can be "
        "reactivated."
    ),
    "end_sessions": _("They are signed out everywhere, and may sign in again at once."),
    "require_password": _(
        "The password opens nothing from now on. They are signed out everywhere and get a mail to choose another."
    ),
    "reset_factors": _(
        "They get a mail at once. Nothing is removed before another of the staff approves it under Lost factors."
    ),
    "export": _(
        "An archive of all that is held of them is made, for them alone to fetch. A mail tells them."
    ),
    "erase": _(
        "The account is closed now, and what is held of them is erased when the grace is over. Until then it can be "
        "reactivated."
    ),
    "hold": _("Nothing that is held of them is erased while the hold is in force."),
}
FRESHLY_PROVEN = frozenset({"erase", "reset_factors"})
LISTED = 20  # of all that match a search, on the page that asks why
OPEN = frozenset({UserStatus.ACTIVE, UserStatus.PENDING_VERIFICATION, UserStatus.SUSPENDED})
ANYBODY = OPEN | {UserStatus.DEACTIVATED}
# To whom a change can be made at all: what a person's page offers. Services decide.
CONCERNS = {
    "suspend": OPEN - {UserStatus.SUSPENDED},
    "reactivate": frozenset({UserStatus.SUSPENDED, UserStatus.DEACTIVATED}),
    "deactivate": OPEN,
    "require_password": frozenset({UserStatus.ACTIVE}),
}


def permission_of(change: str) -> str:
    return staff_changes.CHANGES[change].scope.replace(":", "_")


def _on_the_list(change: str) -> Any:
    def act(
        self: "PersonActions", request: HttpRequest, people: QuerySet[User]
    ) -> HttpResponse | None:
        return self.change_chosen(request, people, change)

    act.__name__ = change
    return admin.action(description=TITLES[change], permissions=[permission_of(change)])(act)


def _on_the_page(change: str) -> Any:
    def act(self: "PersonActions", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.change_one(request, object_id, change)

    act.__name__ = f"{change}_of"
    decorate: Callable[..., Any] = action(
        description=TITLES[change],
        url_path=change.replace("_", "-"),
        permissions=[permission_of(change)],
    )
    return decorate(act)


class PersonActions(WatchedAdmin, SearchableAdmin, StaffAdmin):
    """For the page of people: each change of `TITLES` on the list, and as `…_of` on a person's page."""

    actions: ClassVar[tuple[str, ...]] = tuple(TITLES)
    actions_detail: ClassVar[tuple[str, ...]] = tuple(f"{change}_of" for change in TITLES)

    suspend, suspend_of = _on_the_list("suspend"), _on_the_page("suspend")
    reactivate, reactivate_of = _on_the_list("reactivate"), _on_the_page("reactivate")
    deactivate, deactivate_of = _on_the_list("deactivate"), _on_the_page("deactivate")
    end_sessions, end_sessions_of = _on_the_list("end_sessions"), _on_the_page("end_sessions")
    require_password = _on_the_list("require_password")
    require_password_of = _on_the_page("require_password")
    reset_factors, reset_factors_of = _on_the_list("reset_factors"), _on_the_page("reset_factors")
    export, export_of = _on_the_list("export"), _on_the_page("export")
    erase, erase_of = _on_the_list("erase"), _on_the_page("erase")
    hold, hold_of = _on_the_list("hold"), _on_the_page("hold")

    def has_users_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, "users:write")

    def has_sessions_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, "sessions:write")

    def has_factors_reset_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, "factors:reset")

    def has_privacy_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, "privacy:write")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """None of unfold's buttons: there are more than its bar has room for, so `deeds_for` has a place of its own."""
        return []

    def deeds_for(self, request: HttpRequest, user: User) -> list[tuple[Any, str]]:
        """The pages that change something, for whoever may, where that leads somewhere from the person's state."""
        return [
            (title, reverse(f"admin:accounts_user_{change}_of", args=[user.pk]))
            for change, title in TITLES.items()
            if user.status in CONCERNS.get(change, ANYBODY)
            and getattr(self, f"has_{permission_of(change)}_permission")(request)
        ]

    def change_one(self, request: HttpRequest, object_id: str, change: str) -> HttpResponse:
        """Ask why, do it, and go back to the person."""
        user = self.found(request, object_id)
        if change in FRESHLY_PROVEN and (proof := proof_wanted(request)):
            return proof
        back = reverse("admin:accounts_user_change", args=[user.pk])
        asked = self._ask(request, [user], change, back=back)
        if asked is not None:
            return asked
        self.carry_out(request, user, self._service(request, change))
        return HttpResponseRedirect(back)

    def change_chosen(
        self, request: HttpRequest, people: QuerySet[User], change: str
    ) -> HttpResponse | None:
        """A few at once; many by a job, for which whoever asks proves who they are once more."""
        number = people.count()
        many = number > settings.ENVIRONMENT.bulk_change_at_once
        if (many or change in FRESHLY_PROVEN) and (proof := proof_wanted(request)):
            return proof
        asked = self._ask(request, people, change, back=request.get_full_path(), number=number)
        if asked is not None:
            return asked
        if many:
            self._start_job(request, people, change)
            return None
        for user in people:
            self.carry_out(request, user, self._service(request, change))
        return None

    def _ask(
        self, request: HttpRequest, people: Any, change: str, *, back: str, number: int = 1
    ) -> HttpResponse | None:
        """The page that asks why, until there is a reason, for as many people as it was asked for."""
        counted = request.POST.get("counted")
        if request.POST.get("reason", "").strip() and counted in (None, str(number)):
            return None
        across = request.POST.get("select_across") == "1"
        page = {
            **self.admin_site.each_context(request),
            "title": TITLES[change],
            "explanation": EXPLANATIONS[change],
            "rows": people[:LISTED] if across else people,
            "more": max(number - LISTED, 0) if across else 0,
            "across": across,
            "number": number,
            "changed_meanwhile": counted is not None and counted != str(number),
            "action": change,
            "asked": "reason" in request.POST,
            "back": back,
        }
        return render(request, "authz/confirm_with_reason.html", page)

    def _service(self, request: HttpRequest, change: str) -> Callable[[User], object]:
        reason, by = request.POST["reason"].strip(), principal(request)
        return lambda user: staff_changes.carry_out(change=change, user=user, reason=reason, by=by)

    def _start_job(self, request: HttpRequest, people: QuerySet[User], change: str) -> None:
        try:
            job = bulk_changes.start(
                change=change,
                people=[user.public_id for user in people.only("pk").order_by("pk")],
                reason=request.POST["reason"].strip(),
                by=principal(request),
            )
        except ProblemError as problem:
            messages.error(request, told(problem))
            return
        link = format_html(
            '<a href="{}" class="underline">{}</a>',
            reverse("admin:jobs_job_change", args=[job.pk]),
            job.public_id,
        )
        messages.success(
            request,
            format_html(
                str(_("A worker does it to {} people: {} tells how far it is.")), job.total, link
            ),
        )
