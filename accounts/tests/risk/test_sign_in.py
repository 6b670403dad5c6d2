"""What becomes of a sign-in by how risky it is."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from accounts.models import BlockedSignIn, Session, SignInThrottle, User
from accounts.services import disowning, preferences
from accounts.services.risk.assessment import assess
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.risk.signing_in import IPHONE, WINDOWS, answer, log_in, mailed_link
from accounts.tests.second_factor import code_of, enrol
from audit.models import AuthEvent
from config.http.context import RequestContext, acting
from config.tests.mmdb import HOSTING, IN_MUMBAI, IN_OSLO, IN_PUNE
from events.models import OutboxEvent

NOT_ME, STOPPED = "/accounts/not-me", "/accounts/stopped-sign-in"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ready", "mapped")]


@pytest.fixture
def asha() -> User:
    """Somebody of Pune who has signed in there yesterday, on Windows."""
    user: User = UserFactory.create(password=PASSWORD, timezone="Asia/Kolkata")
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        assert log_in(user).status_code == 200
    return user


def of_type(event_type: str) -> AuthEvent:
    found = AuthEvent.objects.filter(event_type=event_type).order_by("event_id").last()
    assert found is not None
    return found


def counted(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"gatehouse_{metric}_total", labels) or 0


def test_the_first_sign_in_ever_is_not_from_a_new_device() -> None:
    user = UserFactory.create(password=PASSWORD)
    assert log_in(user).status_code == 200
    session = Session.objects.get()
    assert (session.risk_score, session.risk_signals) == (0, [])
    assert mail.outbox == []


def test_the_usual_place_and_device_are_no_risk(asha: User) -> None:
    before = counted("risk_assessments", level="low")
    assert log_in(asha).status_code == 200
    assert Session.objects.latest("id").risk_score == 0
    assert counted("risk_assessments", level="low") == before + 1
    assert mail.outbox == []


def test_the_score_and_what_counted_are_on_the_trail_the_session_and_the_metrics(
    asha: User,
) -> None:
    before = counted("risk_signals", signal="new_country")
    assert log_in(asha, ip=IN_OSLO).status_code == 200
    session, row = Session.objects.latest("id"), of_type("auth.login.succeeded")
    assert (session.risk_score, session.risk_signals) == (30, ["new_country"])
    assert (row.risk_score, row.risk_signals) == (30, ["new_country"])
    assert (row.country, row.asn, session.country, session.city) == ("NO", HOSTING, "NO", "Oslo")
    assert session.asn == HOSTING
    assert counted("risk_signals", signal="new_country") == before + 1


def test_the_risk_stays_inside_the_service(asha: User) -> None:
    log_in(asha, ip=IN_OSLO)
    created = OutboxEvent.objects.filter(event_type="user.session.created.v1").latest("pk")
    assert set(created.data) == {"user_id", "session_id", "method", "amr"}


def test_anomalies_are_told_one_by_one(asha: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=23)):
        log_in(asha)
    log_in(asha, ip=IN_OSLO, on=IPHONE)
    session = Session.objects.latest("id")
    told = OutboxEvent.objects.filter(event_type="user.session.anomaly.v1")
    assert [event.data for event in told.order_by("pk")] == [
        {"user_id": asha.public_id, "session_id": session.public_id, "kind": kind}
        for kind in ("new_device", "new_country")
    ]
    rows = AuthEvent.objects.filter(event_type="session.anomaly")
    assert {row.risk_score for row in rows} == {55}


def test_staff_find_risky_sign_ins_and_anomalies_on_the_trail(asha: User, api: Any) -> None:
    log_in(asha, ip=IN_OSLO, on=IPHONE)
    staff = api(UserFactory.create(), scopes=["audit:read"])
    found = staff.get("/v1/audit/events", {"risk": 30, "user_id": asha.public_id}).json()
    assert {row["event_type"] for row in found["results"]} == {
        "auth.login.succeeded",
        "session.anomaly",
    }


def test_medium_risk_passes_and_is_mailed(asha: User) -> None:
    assert log_in(asha, ip=IN_OSLO, on=IPHONE).status_code == 200
    assert Session.objects.latest("id").risk_score == 55
    (message,) = mail.outbox
    assert message.to == [asha.email]
    assert message.subject == "A new sign-in to your account"


def test_somebody_who_does_not_want_such_mails_gets_one_of_what_is_very_unusual_alone(
    asha: User,
) -> None:
    preferences.patch(user=asha, changes={"notifications": {"new_device_email": False}})
    assert log_in(asha, ip=IN_OSLO, on=IPHONE).status_code == 200
    assert mail.outbox == []
    session = Session.objects.latest("id")
    session.risk_score = 85
    disowning.send_mail(session=session)
    assert [message.subject for message in mail.outbox] == ["A new sign-in to your account"]


def test_a_mail_says_device_place_time_and_why_in_text_and_html(asha: User) -> None:
    moment = timezone.now().replace(2026, 12, 1, 20, 30)
    with time_machine.travel(moment, tick=False):
        log_in(asha, on=IPHONE)
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    for body in (str(message.body), html):
        assert "2 December 2026, 02:00 (Asia/Kolkata): Mobile Safari on iOS, Pune" in body
        assert "a device that you have not used before" in body
        assert "/accounts/not-me?token=" in body


def test_a_second_factor_is_asked_of_whoever_has_one_and_the_risk_is_kept(
    sign_in: SignIn,
) -> None:
    asha = sign_in()
    secret = enrol(asha)
    asked = log_in(asha.user, ip=IN_OSLO, on=IPHONE).json()
    assert asked["status"] == "mfa_required"
    body = {"mfa_token": asked["mfa_token"], "code": code_of(secret, steps=1)}
    client = APIClient(REMOTE_ADDR=IN_OSLO, HTTP_USER_AGENT=IPHONE)
    assert post(client, "/v1/auth/mfa/verify", body).status_code == 200
    session = Session.objects.latest("id")
    assert "new_device" in session.risk_signals
    assert session.risk_score == of_type("auth.login.succeeded").risk_score


@pytest.fixture
def in_oslo_at_once(asha: User) -> User:
    """Asha was in Pune a moment ago, so that a sign-in in Oslo is of high risk."""
    log_in(asha)
    return asha


def test_high_risk_is_refused_in_the_words_of_a_wrong_password(in_oslo_at_once: User) -> None:
    wrong = log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE, password="not the password").json()
    before = counted("sign_ins", method="password", outcome="blocked_by_risk")
    blocked = log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE)
    assert blocked.status_code == 401
    told = blocked.json()
    assert told.pop("request_id") != wrong.pop("request_id")
    assert told == wrong
    row = of_type("auth.login.blocked")
    assert (row.outcome, row.subject_user_id, row.session_id) == (
        "failure",
        in_oslo_at_once.public_id,
        "",
    )
    assert (row.risk_score, row.risk_signals) == (
        95,
        ["new_device", "new_country", "impossible_travel"],
    )
    assert counted("sign_ins", method="password", outcome="blocked_by_risk") == before + 1
    assert Session.objects.count() == 2


def at_the_page(user: User, password: str = PASSWORD) -> Any:
    browser = Client(REMOTE_ADDR=IN_OSLO, HTTP_USER_AGENT=IPHONE)
    with TestCase.captureOnCommitCallbacks(execute=True):
        return browser.post("/accounts/sign-in", {"email": user.email, "password": password})


def test_our_page_refuses_it_in_the_words_of_a_wrong_password_too(in_oslo_at_once: User) -> None:
    wrong = at_the_page(in_oslo_at_once, "not the password")
    stopped = at_the_page(in_oslo_at_once)
    assert stopped.status_code == wrong.status_code == 200
    assert "E-mail or password is not right." in stopped.content.decode()
    assert without_csrf(stopped) == without_csrf(wrong)
    assert BlockedSignIn.objects.count() == 1
    assert "stopped a sign-in" in mail.outbox[-1].subject


def without_csrf(page: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.content.decode())


def test_our_page_assesses_a_sign_in_once_and_the_session_keeps_it(asha: User) -> None:
    before = counted("risk_assessments", level="medium")
    assert at_the_page(asha).status_code == 302
    session = Session.objects.latest("id")
    assert (session.risk_score, session.method) == (55, "password")
    assert counted("risk_assessments", level="medium") == before + 1


def test_a_wrong_password_is_not_assessed(in_oslo_at_once: User) -> None:
    log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE, password="not the password")
    assert of_type("auth.login.failed").risk_score is None
    assert not BlockedSignIn.objects.exists()


def test_whoever_has_a_second_factor_is_asked_for_it_instead(
    sign_in: SignIn, environment: Callable[..., None]
) -> None:
    asha = sign_in()
    enrol(asha)
    environment(risk_high=1)
    assert log_in(asha.user, ip=IN_OSLO, on=IPHONE).json()["status"] == "mfa_required"


def test_trying_again_does_not_make_it_less_risky(
    asha: User, environment: Callable[..., None]
) -> None:
    environment(risk_high=20)
    for _ in range(3):
        log_in(asha, password="not the password")
    for _ in range(2):
        assert log_in(asha).status_code == 401
    blocked = AuthEvent.objects.filter(event_type="auth.login.blocked")
    assert [row.risk_signals for row in blocked] == [["recent_failures"]] * 2
    assert SignInThrottle.objects.get().failures == 3


def test_the_person_is_mailed_once_for_tries_that_are_alike(in_oslo_at_once: User) -> None:
    for _ in range(3):
        log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE)
    (message,) = mail.outbox
    assert message.subject == "We stopped a sign-in to your account"
    assert "Mobile Safari on iOS, Oslo" in str(message.body)
    log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE, device_fingerprint="another")
    assert len(mail.outbox) == 2


def test_what_the_person_says_was_theirs_passes_once(in_oslo_at_once: User) -> None:
    log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE)
    token = mailed_link()
    assert "Mobile Safari on iOS, Oslo" in Client().get(STOPPED, {"token": token}).content.decode()
    assert "You can sign in now" in answer(STOPPED, token=token, answer="me").content.decode()
    assert answer(STOPPED, token=token, answer="me").status_code == 400
    assert log_in(in_oslo_at_once, ip=IN_OSLO, on=WINDOWS).status_code == 401
    assert log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE).status_code == 200
    assert of_type("auth.login.approved").actor_id == in_oslo_at_once.public_id
    Session.objects.latest("id").delete()
    assert log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE).status_code == 401


def test_an_approval_runs_out(in_oslo_at_once: User) -> None:
    log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE)
    answer(STOPPED, token=mailed_link(), answer="me")
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE).status_code == 401


def test_an_approval_does_not_make_up_for_a_wrong_password(in_oslo_at_once: User) -> None:
    log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE)
    answer(STOPPED, token=mailed_link(), answer="me")
    wrong = log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE, password="not the password")
    assert wrong.status_code == 401


def test_what_was_not_theirs_stays_stopped_and_leads_to_a_new_password(
    in_oslo_at_once: User,
) -> None:
    log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE)
    page = answer(STOPPED, token=mailed_link(), answer="not-me")
    assert "It stays stopped" in page.content.decode()
    assert mail.outbox[-1].subject == "Choose a new password"
    told = AuthEvent.objects.get(metadata__kind="sign_in_disowned")
    assert (told.event_type, told.actor_id) == ("session.anomaly", in_oslo_at_once.public_id)
    assert log_in(in_oslo_at_once, ip=IN_OSLO, on=IPHONE).status_code == 401


def test_a_sign_in_that_was_not_theirs_signs_everything_out(asha: User) -> None:
    stranger = log_in(asha, ip=IN_MUMBAI, on=IPHONE).json()
    token = mailed_link()
    page = Client().get(NOT_ME, {"token": token}).content.decode()
    assert "Mobile Safari on iOS, Mumbai" in page
    assert Session.objects.live().exists()
    answer(NOT_ME, token=token)
    assert not Session.objects.live().exists()
    session = Session.objects.with_public_id(stranger["session_id"]).get()
    assert session.end_reason == "disowned"
    assert mail.outbox[-1].subject == "Choose a new password"
    assert answer(NOT_ME, token=token).status_code == 400


def test_a_disowned_device_stays_new_even_if_its_session_was_over(asha: User) -> None:
    stranger = log_in(asha, ip=IN_MUMBAI, on=IPHONE).json()
    token = mailed_link()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {stranger['access_token']}")
    post(client, "/v1/auth/logout", {})
    answer(NOT_ME, token=token)
    log_in(asha, ip=IN_MUMBAI, on=IPHONE)
    assert Session.objects.latest("id").risk_signals == ["new_device"]


@pytest.mark.parametrize("path", [NOT_ME, STOPPED])
def test_a_link_that_is_none_changes_nothing(path: str) -> None:
    assert Client().get(path, {"token": "x"}).status_code == 400
    assert answer(path, token="x", answer="me").status_code == 400
    assert Client().get(path).status_code == 400


def test_networks_and_exits_count_by_the_operators_lists(
    asha: User, tmp_path: Path, environment: Callable[..., None]
) -> None:
    (tmp_path / "asn").write_text(f"AS{HOSTING}\n")
    (tmp_path / "tor").write_text(f"{IN_OSLO}\n")
    environment(hosting_asn_path=tmp_path / "asn", tor_exit_path=tmp_path / "tor", risk_high=101)
    log_in(asha, ip=IN_OSLO)
    signals = Session.objects.latest("id").risk_signals
    assert signals == ["new_country", "hosting_network", "tor_exit"]


def test_a_breached_password_counts_at_sign_in() -> None:
    user = UserFactory.create(password="password1234")
    assert log_in(user, password="password1234").status_code == 200
    assert Session.objects.get().risk_signals == ["breached_password"]


def test_a_signal_without_weight_does_not_count(
    asha: User, environment: Callable[..., None]
) -> None:
    environment(risk_weight_new_country=0)
    log_in(asha, ip=IN_OSLO)
    assert Session.objects.latest("id").risk_signals == []


def test_many_failures_are_an_anomaly_of_the_person_told_once(asha: User) -> None:
    for _ in range(7):
        log_in(asha, password="not the password")
    told = OutboxEvent.objects.filter(event_type="user.session.anomaly.v1")
    assert [event.data for event in told] == [
        {"user_id": asha.public_id, "session_id": "", "kind": "many_failures"}
    ]


def test_an_assessment_costs_one_query(asha: User) -> None:
    request = RequestContext(ip=IN_PUNE, user_agent=WINDOWS)
    with acting(request), CaptureQueriesContext(connection) as captured:
        assert assess(user=asha).score == 0
    assert len(captured) == 1
