"""What this floor does when a lower one, or Django, tells of something."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts import tasks
from accounts.events.sessions import SessionAnomaly
from accounts.models import Session, User
from accounts.models.session import EndReason
from accounts.models.single_use_token import TokenPurpose
from accounts.services import sessions, single_use_tokens, step_up
from audit.privacy.events import ArchiveReady
from config.http.context import RequestContext
from events.domain import emit
from events.signals import domain_event
from mfa.events import (
    FactorsReset,
    MfaDisabled,
    MfaEnabled,
    PasskeyCloned,
    ResetApproved,
    ResetRequested,
)


@receiver(domain_event, sender=MfaEnabled, dispatch_uid="a factor proven at enrolment steps up")
def step_up_at_enrolment(event: MfaEnabled, context: RequestContext, **_: Any) -> None:
    """Confirming a factor proves it: the session that did so is at `mfa` from now on."""
    session = (
        Session.objects.live().select_related("user").with_public_id(context.session_id).first()
    )
    if session is not None and session.user.public_id == event.user_id:
        step_up.prove(session, amr=event.amr, method=event.method)


@receiver(domain_event, sender=MfaEnabled, dispatch_uid="tell the person of a new factor")
def tell_of_a_new_factor(event: MfaEnabled, **_: Any) -> None:
    transaction.on_commit(lambda: tasks.send_factor_added_mail.delay(event.user_id))


@receiver(domain_event, sender=MfaDisabled, dispatch_uid="tell the person of a lost factor")
def tell_of_a_lost_factor(event: MfaDisabled, **_: Any) -> None:
    transaction.on_commit(lambda: tasks.send_factor_removed_mail.delay(event.user_id))


@receiver(domain_event, sender=PasskeyCloned, dispatch_uid="tell of a passkey that exists twice")
def tell_of_a_clone(event: PasskeyCloned, context: RequestContext, **_: Any) -> None:
    emit(
        SessionAnomaly(user_id=event.user_id, session_id=context.session_id, kind="passkey_cloned")
    )
    transaction.on_commit(lambda: tasks.send_passkey_blocked_mail.delay(event.user_id))


@receiver(domain_event, sender=FactorsReset, dispatch_uid="a reset of factors ends every session")
def end_sessions_at_reset(event: FactorsReset, **_: Any) -> None:
    """And every sign-in that waits for one of those factors."""
    user = User.objects.with_public_id(event.user_id).get()
    sessions.end_all(user=user, reason=EndReason.FACTOR_RESET)
    single_use_tokens.end_all(user=user, purposes=[TokenPurpose.SECOND_FACTOR])


@receiver(domain_event, sender=ResetRequested, dispatch_uid="tell the person of a reset asked for")
def tell_of_a_reset_asked_for(event: ResetRequested, **_: Any) -> None:
    transaction.on_commit(lambda: tasks.send_reset_requested_mail.delay(event.user_id))


@receiver(domain_event, sender=ResetApproved, dispatch_uid="tell the person of a reset")
def tell_of_a_reset(event: ResetApproved, **_: Any) -> None:
    transaction.on_commit(lambda: tasks.send_reset_approved_mail.delay(event.user_id))


@receiver(domain_event, sender=ArchiveReady, dispatch_uid="tell the person of their archive")
def tell_of_an_archive(event: ArchiveReady, **_: Any) -> None:
    transaction.on_commit(lambda: tasks.send_archive_ready_mail.delay(event.user_id))
