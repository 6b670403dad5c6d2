"""The versions of a policy: who wrote them, when and why, what is different, and the way back."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from authz.admin.line_differences import lines_between
from authz.admin.policy_editor import PolicyEditor, checked, require_version, shown_versions
from authz.admin.policy_text import text_of
from authz.admin.staff import principal
from authz.models import Policy, PolicyVersion
from authz.services import policies
from authz.services.authorship import LONGEST_REASON, author
from authz.services.differences import Difference, between
from config.http.console import holds, told
from config.http.problems import ProblemError
from config.http.proof import proof_wanted

MOST_IN_WORDS = 12  # differences that are told one by one, besides the lines


class RollbackForm(forms.Form):
    """`seen` is the version that was in force when the page was opened."""

    reason = forms.CharField(
        label=gettext_lazy("Reason (kept in the history and the audit trail)"),
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget,
    )
    break_cases = forms.BooleanField(
        label=gettext_lazy("Go ahead although cases break"),
        required=False,
        widget=UnfoldBooleanWidget,
    )
    to = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class PolicyHistory(PolicyEditor):
    """Two pages of every policy."""

    actions_detail: Any = ("versions", "roll_back")

    def has_policies_read_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, self.view_scope)

    def has_policies_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, self.change_scope)

    @action(description=gettext_lazy("History"), url_path="versions", permissions=["policies_read"])
    def versions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All versions, and one of them compared with another: the newest with the one before unless asked."""
        policy = self._policy(request, object_id)
        rows = shown_versions(request, policy)
        newest = rows[0][0].number
        after = _version(policy, request.GET.get("version"), otherwise=newest)
        before = _version(policy, request.GET.get("compare"), otherwise=max(after.number - 1, 1))
        return render(
            request,
            "authz/policy_versions.html",
            self._page(request, policy, _("History of %(policy)s") % {"policy": policy})
            | compared(before, after)
            | {"versions": rows, "document": text_of(after.document)},
        )

    @action(
        description=gettext_lazy("Roll back"), url_path="roll-back", permissions=["policies_write"]
    )
    def roll_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what would be different, asks why, and puts a former document in force as a new version."""
        policy = self._policy(request, object_id)
        if policy.current.number == 1:
            messages.info(request, _("There is one version: nothing to go back to."))
            return HttpResponseRedirect(reverse("admin:authz_policy_versions", args=[policy.pk]))
        if proof := proof_wanted(request):
            return proof
        asked = request.POST if request.method == "POST" else request.GET
        former = _version(policy, asked.get("to"), otherwise=policy.current.number - 1)
        form = RollbackForm(
            request.POST if request.method == "POST" else None,
            initial={"to": former.number, "seen": policy.current.number},
        )
        if (
            request.method == "POST"
            and form.is_valid()
            and self._rolled_back(request, policy, form)
        ):
            return HttpResponseRedirect(reverse("admin:authz_policy_change", args=[policy.pk]))
        return render(
            request,
            "authz/policy_rollback.html",
            self._page(request, policy, _("Roll back %(policy)s") % {"policy": policy})
            | compared(policy.current, former)
            | checked(text_of(former.document), policy)
            | {"form": form, "former": former},
        )

    def _rolled_back(self, request: HttpRequest, policy: Policy, form: RollbackForm) -> bool:
        data = form.cleaned_data
        try:
            policies.rollback(
                policy_id=policy.pk,
                to=data["to"],
                by=author(principal(request)),
                reason=data["reason"],
                break_cases=data["break_cases"],
                precondition=partial(require_version, number=data["seen"]),
            )
        except ProblemError as problem:
            form.add_error(None, told(problem))
            return False
        done = _("%(policy)s says again what it said in version %(number)s.")
        messages.success(request, done % {"policy": policy, "number": data["to"]})
        return True

    def _policy(self, request: HttpRequest, object_id: str) -> Policy:
        policy = self.get_object(request, object_id)
        if policy is None:
            raise Http404
        found: Policy = policy
        return found


def compared(before: PolicyVersion, after: PolicyVersion) -> dict[str, Any]:
    """What became of one version on the way to the other: in words, when that is not too much, and line by line."""
    found: list[Difference] = list(between(before.document, after.document))
    return {
        "before": before,
        "after": after,
        "differences": found if len(found) <= MOST_IN_WORDS else (),
        "lines": lines_between(before.document, after.document),
    }


def _version(policy: Policy, number: str | None, *, otherwise: int) -> PolicyVersion:
    wanted = number if number and number.isascii() and number.isdigit() else str(otherwise)
    version = policy.versions.filter(number=min(int(wanted[:9]), 2**31 - 1)).first()
    if version is None:
        raise Http404
    return version
