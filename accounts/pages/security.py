"""The page on which a person looks after their second factors."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.browser import renew_key
from accounts.models import Session
from accounts.pages.refusals import in_words
from accounts.pages.visitors import for_people
from accounts.pages.ways import credential_in, demand_a_try, next_page
from accounts.services.step_up import is_fresh
from config.http.ratelimit import RateLimit
from mfa.api.serializers import AttestationSerializer
from mfa.errors import InvalidCodeError
from mfa.models import BackupCode, Passkey, TotpDevice
from mfa.services import backup_codes, passkeys, totp

HOME = "security"
CHANGES = RateLimit(name="mfa_pages", limit=60, period=900)
ONWARD = "onward"
ENROLLING = "enrolling"  # the device whose secret this browser was shown; never the secret


@require_safe
@for_people("any", home=HOME)
def security(request: HttpRequest, session: Session) -> HttpResponse:
    """What the person has."""
    if "next" in request.GET:
        request.session[ONWARD] = next_page(request, "")
    me = session.user
    onward = request.session.get(ONWARD)
    if session.acr == "mfa":
        request.session.pop(ONWARD, None)
    return render(
        request,
        "accounts/security.html",
        {
            "app": TotpDevice.objects.confirmed().of(me.pk).first(),
            "passkeys": Passkey.objects.of(me.pk),
            "backup_codes_left": BackupCode.objects.of(me.pk).unused().count(),
            "onward": onward if session.acr == "mfa" else "",
            "asked_to": bool(onward),
        },
    )


@require_POST
@for_people("fresh", home=HOME)
def begin_app(request: HttpRequest, session: Session) -> HttpResponse:
    """Show a new secret."""
    demand_a_try(CHANGES, _key(session))
    enrolment = totp.enroll(user=session.user)
    request.session[ENROLLING] = enrolment.device
    return render(request, "accounts/authenticator_app.html", {"enrolment": enrolment})


@require_POST
@for_people("any", home=HOME)
def confirm_app(request: HttpRequest, session: Session) -> HttpResponse:
    """Take the app's first code; after a wrong one the same secret is shown again."""
    demand_a_try(CHANGES, _key(session))
    try:
        codes = totp.confirm(user=session.user, code=request.POST.get("code", "")[:16])
    except InvalidCodeError as problem:
        page = {"problem": in_words(problem), "enrolment": _shown_before(request, session)}
        return render(request, "accounts/authenticator_app.html", page)
    request.session.pop(ENROLLING, None)
    return _added(request, session, codes)


@require_POST
@for_people("mfa", home=HOME)
def remove_app(request: HttpRequest, session: Session) -> HttpResponse:
    totp.remove(user=session.user)
    messages.success(request, _("The authenticator app is removed."))
    return redirect("security")


@require_POST
@for_people("fresh", home=HOME)
def passkey_options(request: HttpRequest, session: Session) -> HttpResponse:
    """What to ask an authenticator for a new key with."""
    demand_a_try(CHANGES, _key(session))
    return JsonResponse(passkeys.begin(user=session.user, binding=session.public_id))


@require_POST
@for_people("fresh", home=HOME)
def add_passkey(request: HttpRequest, session: Session) -> HttpResponse:
    demand_a_try(CHANGES, _key(session))
    added = passkeys.add(
        user=session.user,
        credential=credential_in(request, AttestationSerializer),
        name=_name(request),
        binding=session.public_id,
    )
    return _added(request, session, added.backup_codes)


@require_POST
@for_people("any", home=HOME)
def rename_passkey(request: HttpRequest, session: Session) -> HttpResponse:
    name = _name(request)
    if name:
        passkeys.rename(user=session.user, passkey_id=_passkey(request), name=name)
    return redirect("security")


@require_POST
@for_people("mfa", home=HOME)
def remove_passkey(request: HttpRequest, session: Session) -> HttpResponse:
    passkeys.remove(user=session.user, passkey_id=_passkey(request))
    messages.success(request, _("The passkey is removed."))
    return redirect("security")


@require_POST
@for_people("mfa", home=HOME)
def new_backup_codes(request: HttpRequest, session: Session) -> HttpResponse:
    demand_a_try(CHANGES, _key(session))
    return _show_codes(request, backup_codes.regenerate(user=session.user))


def _added(request: HttpRequest, session: Session, codes: tuple[str, ...]) -> HttpResponse:
    """The new factor was proved, so the session is worth more now."""
    session.refresh_from_db()
    renew_key(request, session)
    if codes:
        return _show_codes(request, codes)
    messages.success(request, _("The new factor is set up."))
    return redirect("security")


def _shown_before(request: HttpRequest, session: Session) -> totp.Enrolment | None:
    """What this browser was shown already, while its session is as fresh as it takes to begin."""
    device = request.session.get(ENROLLING, "")
    if not device or not is_fresh(session, acr="pwd"):
        return None
    return totp.waiting(user=session.user, device=device)


def _show_codes(request: HttpRequest, codes: tuple[str, ...]) -> HttpResponse:
    """Shown in the answer to the request that made them, and kept nowhere."""
    onward = request.session.pop(ONWARD, "") or reverse("security")
    return render(request, "accounts/backup_codes.html", {"codes": codes, "onward": onward})


def _key(session: Session) -> str:
    return f"user:{session.user.public_id}"


def _name(request: HttpRequest) -> str:
    return request.POST.get("name", "").replace("\x00", "").strip()[:64]


def _passkey(request: HttpRequest) -> str:
    return request.POST.get("passkey", "")
