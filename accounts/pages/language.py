"""The choice of a language, at the foot of every page and in the console."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.browser import session_of
from accounts.pages.ways import next_page
from accounts.services import profile
from config.http.language import remember


@never_cache
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Pages are in `language` from now on, and so are the mails to whoever is signed in; an unknown one is none."""
    response = redirect(next_page(request, "/accounts/"))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        remember(response, chosen)
        session = session_of(request)
        if session is not None:
            profile.update(user=session.user, changes={"locale": chosen})
    return response
