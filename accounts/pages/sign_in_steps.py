"""The steps of a sign-in on our pages, after the first proof and before the session, in allauth's order of stages."""

from typing import Any, cast

from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.pages import provider_answers
from accounts.services import handoff, linked_sign_ins, second_factor
from accounts.services.linked_sign_ins import Identity
from accounts.services.risk.assessment import Assessment
from accounts.services.second_factor import ProvenSignIn
from accounts.services.sessions import Device
from config.http.problems import ProblemError

PASSWORD_WAY = {"method": "password", "amr": ["pwd"]}

Outcome = tuple[
    HttpResponse | None, bool
]  # what to answer, and whether the sign-in goes on after it


class Step(LoginStage):
    """`way` says how the person came: `method` and `amr`, the app's `handoff` request, a `link` to be made, and the
    `risk` if it has been assessed.
    """

    @property
    def way(self) -> dict[str, Any]:
        way: dict[str, Any] = self.login.state["way"]
        return way

    def is_resumable(self, request: HttpRequest) -> bool:
        """Whoever opens the sign-in page again begins anew."""
        return False

    def proven(self) -> ProvenSignIn:
        """What has been proven up to now."""
        asked = self.way.get("handoff")
        return ProvenSignIn(
            user=self.login.user,
            method=SignInMethod(self.way["method"]),
            amr=tuple(self.way["amr"]),
            device=handoff.read(asked).device if asked else Device(),
            risk=Assessment.from_json(self.way.get("risk")),
        )

    def refused(self, error: ProblemError) -> Outcome:
        return provider_answers.refusal(self.request, error, self.way.get("handoff", "")), False


class SecondFactorStep(Step):
    """Whoever has a second factor proves it, whatever the first one was."""

    key = "second_factor"
    urlname = "second-factor"

    def handle(self) -> Outcome:
        try:
            needed = second_factor.challenge(self.proven())
        except ProblemError as error:
            return self.refused(error)
        if needed is None:
            return None, True
        from accounts.pages.second_factor import challenge  # noqa: PLC0415 - that page goes on here

        return challenge(self.request, needed, "", door="account_login"), True

    def passed(self, proven: ProvenSignIn) -> HttpResponse:
        """Go on to the steps that are left."""
        self.way["amr"] = list(proven.amr)
        response: HttpResponse = self.exit()
        return response


class LinkStep(Step):
    """A provider that is to open the account from now on, once the person has proven all that the account wants."""

    key = "link"

    def handle(self) -> Outcome:
        wanted = self.way.get("link")
        if wanted:
            try:
                linked_sign_ins.link(user=self.login.user, identity=Identity(**wanted))
            except ProblemError as error:
                return self.refused(error)
        return None, True


class HandoffStep(Step):
    """An app that waits gets its code, and this browser no session; without one the browser is signed in."""

    key = "handoff"

    def handle(self) -> Outcome:
        try:
            proven = self.proven()
            if self.way.get("handoff"):
                request = handoff.read(self.way["handoff"])
                return provider_answers.back_to_app(self.request, request, proven), False
        except ProblemError as error:
            return self.refused(error)
        self.request.proven_sign_in = proven
        return None, True


def waiting_for_a_factor(request: HttpRequest) -> SecondFactorStep | None:
    """The step at which the sign-in of this browser waits."""
    step: SecondFactorStep | None = LoginStageController.enter(request, SecondFactorStep.key)
    return step


def begun(request: HttpRequest, user: User) -> ProvenSignIn:
    """What the steps of this request have found proven for `user`."""
    proven = cast(ProvenSignIn, request.proven_sign_in)  # type: ignore[attr-defined]
    if proven.user.pk != user.pk:
        raise ValueError("the steps were those of somebody else")
    return proven
