"""Every metric of this app. Labels are closed vocabularies."""

from collections.abc import Iterable

from django.db.models import Count
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from config.telemetry.metrics import counter, fact, gauge, histogram, register_facts

REGISTRATIONS = counter("registrations_total", "Accounts asked for", ["outcome"])
EMAIL_VERIFICATIONS = counter(
    "email_verifications_total", "Addresses confirmed or not", ["outcome"]
)
EMAIL_CHANGES = counter("email_changes_total", "Changes of addresses", ["outcome"])
SIGN_INS = counter("sign_ins_total", "Sign-ins", ["method", "outcome"])
SIGN_IN_DURATION = histogram(
    "sign_in_duration_seconds", "Time from a first factor to the verdict on it", ["method"]
)
PASSWORD_HASH_DURATION = histogram(
    "password_hash_duration_seconds", "Time one password hash takes", ["algorithm"]
)
PASSWORD_HASH_WAITING = gauge(
    "password_hash_waiting", "Password hashes that wait for their turn", []
)
SESSIONS_ENDED = counter("sessions_ended_total", "Sessions ended", ["reason"])
RISK_ASSESSMENTS = counter("risk_assessments_total", "Sign-ins whose risk was assessed", ["level"])
RISK_SIGNALS = counter("risk_signals_total", "Signals that counted in them", ["signal"])
STUFFING_SUSPECTED = counter(
    "stuffing_suspected_total", "Places from which many accounts were tried in vain"
)
REFRESH_ROTATIONS = counter("refresh_rotations_total", "Refresh tokens presented", ["outcome"])
TOKENS_ISSUED = counter("tokens_issued_total", "Access tokens signed", ["grant"])
TOKEN_CHECKS = counter(
    "token_checks_total", "Access tokens checked by our own endpoints", ["outcome"]
)
CLIENT_AUTHENTICATIONS = counter(
    "service_client_authentications_total",
    "Service clients that proved themselves or not",
    ["method", "outcome"],
)
API_KEY_USES = counter("api_key_uses_total", "Personal API keys presented", ["outcome"])


def register_session_facts() -> None:
    """`sessions_active` is a fact of the database: read when scraped, by one collector."""
    register_facts(_session_facts)


def _session_facts() -> Iterable[Metric]:
    from accounts.models import Session  # noqa: PLC0415 - models are loaded after metrics

    yield GaugeMetricFamily(
        "gatehouse_sessions_active", "Live sessions", value=Session.objects.live().count()
    )


def register_signing_key_facts() -> None:
    """The age of the active signing key, and how many there are in each state."""
    register_facts(_signing_key_facts)


def _signing_key_facts() -> Iterable[Metric]:
    from accounts.models import SigningKey  # noqa: PLC0415 - as above
    from accounts.models.signing_key import KeyState  # noqa: PLC0415

    counts = dict.fromkeys(KeyState.values, 0)
    counts.update(SigningKey.objects.order_by().values_list("state").annotate(Count("pk")))
    yield fact(
        "signing_keys",
        "Signing keys",
        ["state"],
        [([state], number) for state, number in counts.items()],
    )
    active = SigningKey.objects.in_state(KeyState.ACTIVE).first()
    if active is not None:
        age = (timezone.now() - active.state_since).total_seconds()
        yield fact(
            "signing_key_age_seconds",
            "Age of the active signing key",
            ["state"],
            [(["active"], age)],
        )
