"""The simulator: who may do what, and why, by the policies in force or with a draft among them."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from authz import names
from authz.admin.links import editor_of
from authz.admin.policy_editor import names_for
from authz.admin.policy_history import PolicyHistory
from authz.admin.simulator_form import MOST_FOUND, SimulatorForm
from authz.admin.told_conditions import told_policies
from authz.directories import registry
from authz.engine.policyset import PolicySet
from authz.models import Policy, PolicyDraft
from authz.services import drafted, explanations
from authz.services.explanations import Explained
from config.http.console import holds, told
from config.http.problems import ProblemError

PREFILLED = ("subject", "action", "resource")
SHORTEST = 2  # characters of a name before anybody is looked for
EXPLAIN_SCOPE = "authz:explain"


class PolicySimulator(PolicyHistory):
    """A page above the list of policies, for those who may have decisions explained."""

    actions_list: Any = ("simulate",)

    def get_urls(self) -> list[Any]:
        suggest = self.admin_site.admin_view(self.suggest)
        return [path("suggest/", suggest, name="authz_policy_suggest"), *super().get_urls()]

    def has_authz_explain_permission(self, request: HttpRequest) -> bool:
        return holds(request, EXPLAIN_SCOPE)

    @action(
        description=gettext_lazy("Simulator"), url_path="simulator", permissions=["authz_explain"]
    )
    def simulate(self, request: HttpRequest) -> HttpResponse:
        """A link may bring the question along, all but its context; a form asks with everything."""
        draft = _draft(request)
        asked = request.method == "POST" or all(request.GET.get(name) for name in PREFILLED)
        data = request.POST if request.method == "POST" else request.GET
        form = SimulatorForm(
            data if asked else None,
            initial={name: request.GET.get(name, "") for name in PREFILLED},
            may=lambda scope: holds(request, scope),
        )
        page = {
            **self.admin_site.each_context(request),
            "title": _("Simulator"),
            "content_title": _("Simulator"),
            "form": form,
            "draft": draft,
            "with_draft": draft is not None and data.get("policies") != "current",
            "editor": editor_of(draft.policy, draft) if draft else "",
            "actions": sorted(registry.actions()),
        }
        if asked and form.is_valid():
            page |= self._answer(request, form, draft if page["with_draft"] else None)
        return render(request, "authz/simulator.html", page)

    def suggest(self, request: HttpRequest) -> HttpResponse:
        """Options for what part of a name may mean."""
        if not holds(request, EXPLAIN_SCOPE):
            raise PermissionDenied
        typed = request.GET.get("q", "").strip()[:100]
        found = (
            names.found_by(typed, may=lambda scope: holds(request, scope), limit=MOST_FOUND)
            if len(typed) >= SHORTEST
            else []
        )
        return render(request, "authz/suggestions.html", {"found": found})

    def _answer(
        self, request: HttpRequest, form: SimulatorForm, draft: PolicyDraft | None
    ) -> dict[str, Any]:
        question = form.question()
        try:
            explained = explanations.explain(**question, policies=_with(draft))
        except ProblemError as problem:
            form.add_error(None, told(problem))
            return {}
        verdict = explained.explanation.verdict
        about = names_for(request, (question["subject"], question["resource"]))
        return {
            "explained": explained,
            "allowed": verdict.allowed,
            "policies": told_policies(explained),
            "pages": pages_of(explained),
            "subject": about[question["subject"]],
            "action": question["action"],
            "resource": about[question["resource"]],
            "obligations": json.dumps(dict(verdict.obligations), indent=2, ensure_ascii=False)
            if verdict.obligations
            else "",
        }


def _draft(request: HttpRequest) -> PolicyDraft | None:
    """The draft that the address or the form names, for those who may write policies."""
    named = request.POST.get("draft") or request.GET.get("draft", "")
    if not named or not holds(request, "policies:write"):
        return None
    return PolicyDraft.objects.with_public_id(named).select_related("policy").first()


def _with(draft: PolicyDraft | None) -> PolicySet | None:
    """Raises what `drafted.now_and_then` raises: the policies may have changed since the draft was made."""
    if draft is None:
        return None
    return drafted.now_and_then(document=draft.document, policy_id=draft.policy_id)[1]


def pages_of(explained: Explained) -> dict[str, str]:
    """Where the policies that are spoken of are, by name."""
    spoken_of = {one.traced.policy.name for one in explained.policies}
    spoken_of |= {one.policy.name for one in explained.lacked}
    rows = Policy.objects.live().filter(name__in=spoken_of).values_list("name", "pk")
    return {name: reverse("admin:authz_policy_change", args=[key]) for name, key in rows}
