"""What this floor does when a lower one, or Django, tells of something."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver

from accounts import tasks
from accounts.events.sessions import ConsoleEntered
from accounts.models import Session, User
from accounts.services import step_up
from config.http import context as request_context
from config.http.context import RequestContext
from events.domain import emit
from events.signals import domain_event
from mfa.events import MfaDisabled, MfaEnabled


@receiver(domain_event, sender=MfaEnabled, dispatch_uid="a factor proven at enrolment steps up")
def step_up_at_enrolment(event: MfaEnabled, context: RequestContext, **_: Any) -> None:
    """Confirming a factor proves it: the session that did so is at `mfa` from now on."""
    session = (
        Session.objects.live().select_related("user").with_public_id(context.session_id).first()
    )
    if session is not None and session.user.public_id == event.user_id:
        step_up.prove(session, amr="otp", method=event.method)


@receiver(domain_event, sender=MfaEnabled, dispatch_uid="tell the person of a new factor")
def tell_of_a_new_factor(event: MfaEnabled, **_: Any) -> None:
    transaction.on_commit(lambda: tasks.send_factor_added_mail.delay(event.user_id))


@receiver(domain_event, sender=MfaDisabled, dispatch_uid="tell the person of a lost factor")
def tell_of_a_lost_factor(event: MfaDisabled, **_: Any) -> None:
    transaction.on_commit(lambda: tasks.send_factor_removed_mail.delay(event.user_id))


@receiver(user_logged_in, dispatch_uid="entering the console is a sign-in")
def note_console_entry(user: User, **_: Any) -> None:
    """The console's sessions are Django's; their beginning is on the trail like every other."""
    request_context.amend(actor_type="user", actor_id=user.public_id, client_id="console")
    with transaction.atomic():
        emit(ConsoleEntered(user_id=user.public_id))
