"""The policy editor: what one types is checked while one types, or when one asks for it, and saved with a reason."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from authz import names
from authz.admin.json_text import FaultyTextError, read, with_lines
from authz.admin.links import editor_of, simulator_with
from authz.admin.policy_form import CHANGED_MEANWHILE, LONGEST_TEXT, PolicyForm, initial_of
from authz.admin.policy_text import text_of
from authz.admin.staff import StaffAdmin, principal
from authz.errors import PolicySetBrokenError
from authz.models import Policy, PolicyDraft
from authz.names import Named
from authz.services import case_runs, drafts, policies, policy_checks, trials
from authz.services.authorship import author
from authz.services.case_runs import CaseRun
from authz.services.starting_points import named, starting_points
from config.http.console import holds, told
from config.http.problems import PreconditionFailedError, ProblemError
from config.http.proof import proof_wanted

LATEST = 5  # versions on the page of a policy; the others are in its history
TRYING = ("_check", "_ask", "_try")  # buttons that save nothing
BROKEN = gettext_lazy("The policies in force do not compile, so nothing can be tried.")


class PolicyEditor(StaffAdmin):
    """The pages on which a policy is written, and read by those who may only read."""

    def get_urls(self) -> list[Any]:
        check = self.admin_site.admin_view(self.check_text)
        return [path("check/", check, name="authz_policy_check"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        policy = None if object_id is None else self.get_object(request, object_id)
        if object_id is not None and policy is None:
            return self.not_there(request, object_id)
        if not self._may_open(request, policy):
            raise PermissionDenied
        form = self._form(request, policy)
        if request.method == "POST" and form.is_valid():
            answer = self._go_on(request, policy, form)
            if answer is not None:
                return answer
        return render(
            request,
            "authz/policy_editor.html",
            {
                **self._page(request, policy, policy.name if policy else _("New policy")),
                **self._parts(request, policy),
                **(extra_context or {}),
                **self._checked(form),
                "form": form,
            },
        )

    def check_text(self, request: HttpRequest) -> HttpResponse:
        """A part of a page: what is wrong with the text that was sent, and what saving it would break."""
        if not holds(request, self.change_scope):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        key = request.POST.get("policy", "")
        policy = self.get_object(request, key) if key else None
        text = request.POST.get("document", "")[:LONGEST_TEXT]
        return render(request, "authz/policy_check.html", checked(text, policy))

    def _may_open(self, request: HttpRequest, policy: Policy | None) -> bool:
        if policy is None:
            return self.has_add_permission(request)
        if request.method == "POST":
            return self.has_change_permission(request, policy)
        return self.has_view_permission(request, policy)

    def _form(self, request: HttpRequest, policy: Policy | None) -> PolicyForm:
        if request.method == "POST":
            saving = not any(step in request.POST for step in TRYING)
            return PolicyForm(request.POST, policy=policy, saving=saving)
        start = named(request.GET.get("template", "")).document
        draft = draft_of(request, policy)
        return PolicyForm(initial=initial_of(policy, draft, start), policy=policy, saving=True)

    def _page(self, request: HttpRequest, policy: Policy | None, title: str) -> dict[str, Any]:
        """What every page about a policy has."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "policy": policy,
            "original": policy,
            "may_write": holds(request, self.change_scope),
            "may_explain": holds(request, "authz:explain"),
            "may_see_records": holds(request, "audit:read"),
        }

    def _parts(self, request: HttpRequest, policy: Policy | None) -> dict[str, Any]:
        return {
            "starting_points": () if policy else starting_points(),
            "text": text_of(policy.current.document) if policy else "",
            "runs": runs_of(policy) if policy else (),
            "versions": shown_versions(request, policy)[:LATEST] if policy else (),
        }

    def _checked(self, form: PolicyForm) -> dict[str, Any]:
        """What the page says of the document before any script has asked."""
        if not form.is_bound:
            return {"unchecked": True}
        if form.faults:
            return {"faults": form.faults}
        text = form.data.get("document", "")
        return checked(text[:LONGEST_TEXT], form.policy)

    def _go_on(
        self, request: HttpRequest, policy: Policy | None, form: PolicyForm
    ) -> HttpResponse | None:
        if "_check" in request.POST:
            return None
        if "_ask" in request.POST and holds(request, "authz:explain"):
            return HttpResponseRedirect(simulator_with(self._keep(request, policy, form)))
        if "_try" in request.POST:
            return try_out(request, self._keep(request, policy, form))
        return self._save(request, policy, form)

    def _keep(self, request: HttpRequest, policy: Policy | None, form: PolicyForm) -> PolicyDraft:
        data = form.cleaned_data
        return drafts.keep(
            document=data["document"],
            policy=policy,
            based_on=None if policy is None else data["seen"] or policy.current.number,
            by=author(principal(request)),
            reason=data["reason"],
        )

    def _save(
        self, request: HttpRequest, policy: Policy | None, form: PolicyForm
    ) -> HttpResponse | None:
        """Whoever has to prove themself first finds what they typed as a draft. None when it was refused."""
        if proof_wanted(request) is not None:
            draft = self._keep(request, policy, form)
            return proof_wanted(request, editor_of(policy, draft))
        data = form.cleaned_data
        written = {
            "document": data["document"],
            "reason": data["reason"],
            "by": author(principal(request)),
            "break_cases": data["break_cases"],
        }
        try:
            if policy is None:
                saved = policies.create(**written)
            else:
                unchanged = partial(require_version, number=data["seen"])
                saved = policies.update(policy_id=policy.pk, precondition=unchanged, **written)
        except ProblemError as problem:
            form.add_error(None, told(problem))
            return None
        in_force = _("%(policy)s: version %(number)s is in force.")
        messages.success(request, in_force % {"policy": saved, "number": saved.current.number})
        return HttpResponseRedirect(reverse("admin:authz_policy_change", args=[saved.pk]))


def checked(text: str, policy: Policy | None) -> dict[str, Any]:
    """For the template of a check: `faults`, or what saving would break, or why that cannot be said."""
    try:
        document = read(text)
        found = policy_checks.check(
            document,
            policy_id=policy.pk if policy else None,
            in_force=policy.current.document if policy else None,
        )
    except FaultyTextError as error:
        return {"faults": error.faults}
    except PolicySetBrokenError:
        return {"cannot_tell": BROKEN}
    except ProblemError as problem:
        return {"cannot_tell": told(problem)}
    return {
        "faults": with_lines(found.flaws, text),
        "broken": found.broken,
        "unchanged": not found.changed,
    }


def draft_of(request: HttpRequest, policy: Policy | None) -> PolicyDraft | None:
    """The draft that the address names, for those who may write, if it is one of this policy."""
    found = PolicyDraft.objects.with_public_id(request.GET.get("draft", "")).filter(policy=policy)
    return found.first() if holds(request, "policies:write") else None


def try_out(request: HttpRequest, draft: PolicyDraft) -> HttpResponse:
    """Begin to try the draft on what was decided, or do it at once; to the page that tells what came of it."""
    try:
        trials.start(draft=draft, owner=principal(request))
    except ProblemError as problem:
        messages.error(request, told(problem))
    return HttpResponseRedirect(reverse("admin:authz_policydraft_change", args=[draft.pk]))


def runs_of(policy: Policy) -> list[CaseRun] | None:
    """The policy's cases, asked of the policies in force; None when those do not compile."""
    try:
        return case_runs.run_of(policy)
    except PolicySetBrokenError:
        return None


def shown_versions(request: HttpRequest, policy: Policy) -> list[tuple[Any, Named]]:
    """The versions, newest first, each with its author by name."""
    rows = list(policy.versions.order_by("-number").defer("document"))
    authors = names_for(request, {row.created_by for row in rows})
    return [(row, authors[row.created_by]) for row in rows]


def names_for(request: HttpRequest, references: Iterable[str]) -> dict[str, Named]:
    """What whoever asks may be told of who or what these are."""
    return names.named(references, may=lambda scope: holds(request, scope))


def require_version(policy: Policy, *, number: int | None) -> None:
    """Raises PreconditionFailedError when somebody else wrote a version since the form was opened."""
    if policy.current.number != number:
        raise PreconditionFailedError(str(CHANGED_MEANWHILE))
