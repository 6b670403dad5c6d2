"""Another address for somebody who cannot ask for it themself: staff start it, the person confirms it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextareaWidget

from accounts.admin.person_actions import PersonActions
from accounts.models import User
from accounts.models.user import UserStatus
from accounts.services import staff_changes
from authz.admin.staff import principal
from config.http.console import told
from config.http.problems import ProblemError
from config.http.proof import proof_wanted

TITLE = _("Change the e-mail address")


class PersonEmailForm(forms.Form):
    """Where the link goes, and why."""

    email = forms.EmailField(
        label=_("New e-mail address"), max_length=254, widget=UnfoldAdminEmailInputWidget
    )
    reason = forms.CharField(
        label=_("Reason (kept in the audit trail)"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class PersonEmail(PersonActions):
    """Adds one deed to a person's page."""

    actions_detail: ClassVar[tuple[str, ...]] = (*PersonActions.actions_detail, "change_email_of")

    def deeds_for(self, request: HttpRequest, user: User) -> list[tuple[Any, str]]:
        deeds = super().deeds_for(request, user)
        if user.status == UserStatus.ACTIVE and self.has_users_write_permission(request):
            deeds.append((TITLE, reverse("admin:accounts_user_change_email_of", args=[user.pk])))
        return deeds

    @action(description=TITLE, url_path="change-email", permissions=["users_write"])
    def change_email_of(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A link goes to the new address, a notice to the old one; the person decides."""
        user = self.found(request, object_id)
        if proof := proof_wanted(request):
            return proof
        back = reverse("admin:accounts_user_change", args=[user.pk])
        form = PersonEmailForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._started(request, user, form):
            return HttpResponseRedirect(back)
        page = {
            **self.admin_site.each_context(request),
            "title": TITLE,
            "explanation": _(
                "A link goes to the new address, and a notice to %(address)s. Nothing changes before the person opens "
                "the link; then every device of theirs is signed out."
            )
            % {"address": user.email},
            "form": form,
            "back": back,
        }
        return render(request, "console/form.html", page)

    def _started(self, request: HttpRequest, user: User, form: PersonEmailForm) -> bool:
        try:
            staff_changes.change_email(user=user, by=principal(request), **form.cleaned_data)
        except ProblemError as problem:
            form.add_error(None, told(problem))
            return False
        messages.success(request, _("The link is on its way to the new address."))
        return True
