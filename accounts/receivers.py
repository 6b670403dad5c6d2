"""What this floor does when a lower one tells of something."""

from typing import Any

from django.dispatch import receiver

from accounts.models import Session
from accounts.services import step_up
from config.http.context import RequestContext
from events.signals import domain_event
from mfa.events import MfaEnabled


@receiver(domain_event, sender=MfaEnabled, dispatch_uid="a factor proven at enrolment steps up")
def step_up_at_enrolment(event: MfaEnabled, context: RequestContext, **_: Any) -> None:
    """Confirming a factor proves it: the session that did so is at `mfa` from now on."""
    session = (
        Session.objects.live().select_related("user").with_public_id(context.session_id).first()
    )
    if session is not None and session.user.public_id == event.user_id:
        step_up.prove(session, amr="otp", method=event.method)
