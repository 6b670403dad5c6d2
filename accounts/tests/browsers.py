"""Browsers that have signed in, without walking through the door."""

from typing import Any

from django.test import Client

from accounts.browser import BACKEND, OUR_SESSION
from accounts.models import Session
from accounts.models.session import SignInMethod
from accounts.services import sessions
from accounts.services.sessions import Device
from config.http.context import RequestContext, acting

TWO_FACTORS = ("pwd", "otp")


def sign_in_browser(
    person: Any, *, browser: Client | None = None, amr: tuple[str, ...] = TWO_FACTORS
) -> Client:
    """`browser`, or a new one, with a live session of `person` who has proved `amr`."""
    browser = browser or Client()
    with acting(RequestContext()):
        session: Session = sessions.begin(
            user=person, method=SignInMethod.PASSWORD, amr=amr, device=Device(name="test browser")
        )
    browser.force_login(person, backend=BACKEND)
    state = browser.session
    state[OUR_SESSION] = session.public_id
    state.save()
    return browser
