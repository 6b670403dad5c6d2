"""`/dev/mail/`: what a person would have in their inbox. Mounted in development alone."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from config.devstack import mailbox
from config.devstack.mailbox import Mail

SHOWN = 100
# A mail's HTML runs nothing, loads nothing and sends nothing.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@require_safe
@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest mails first; `?to=` shows one person's."""
    to = request.GET.get("to", "")
    mails = mailbox.newest(settings.DEVSTACK_MAIL, most=SHOWN, to=to)
    return render(request, "devstack/inbox.html", {"mails": mails, "to": to})


@require_safe
@never_cache
def latest(request: HttpRequest) -> HttpResponse:
    """The text of the newest mail, for the terminal: `curl …/dev/mail/latest?to=ada@example.com`."""
    mails = mailbox.newest(settings.DEVSTACK_MAIL, most=1, to=request.GET.get("to", ""))
    if not mails:
        raise Http404("No such mail.")
    return HttpResponse(mails[0].text, content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its headers, its text with links, its HTML in a frame."""
    return render(request, "devstack/mail.html", {"mail": _found(name)})


@require_safe
@never_cache
@xframe_options_sameorigin
def mail_html(_request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, as the frame shows it."""
    return HttpResponse(_found(name).html, headers={"Content-Security-Policy": MAIL_POLICY})


def _found(name: str) -> Mail:
    found = mailbox.read(settings.DEVSTACK_MAIL, name)
    if found is None:
        raise Http404("No such mail.")
    return found
