"""What people see where a replica answers: their own changes at once, and nobody is let in by what is old."""

from collections.abc import Callable

from django.db import connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.services import status
from accounts.tests.browsers import sign_in_browser
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from authz.services.roles import grant_role
from tests.replicated import ALIAS
from tests.streaming import Standby

ACTIVITY, SESSIONS = "/v1/users/me/activity", "/v1/auth/sessions"


def tables_read_there(work: Callable[[], object], table: str) -> int:
    """How many queries of `work` to the replica name the table."""
    with CaptureQueriesContext(connections[ALIAS]) as asked:
        work()
    return sum(table in query["sql"] for query in asked)


def test_ones_own_sign_in_is_in_the_list_although_the_replica_stands_still(
    replica: Standby, sign_in: SignIn
) -> None:
    asha = sign_in()
    replica.pause()
    phone = asha.client
    tokens = post(APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": PASSWORD})
    listed = phone.get(SESSIONS).json()["results"]
    assert tokens.json()["session_id"] in {row["id"] for row in listed}
    assert phone.get(ACTIVITY).json()["results"][0]["event_type"] == "auth.login.succeeded"


def test_lists_come_from_a_replica_that_has_caught_up(replica: Standby, sign_in: SignIn) -> None:
    asha = sign_in()
    replica.catch_up()
    assert tables_read_there(lambda: asha.client.get(SESSIONS), "accounts_session")
    assert tables_read_there(lambda: asha.client.get(ACTIVITY), "audit_authevent")


def test_who_is_let_in_is_never_read_from_a_replica(replica: Standby, sign_in: SignIn) -> None:
    asha = sign_in()
    replica.catch_up()
    asha.client.get(SESSIONS)
    replica.pause()
    status.suspend(user=asha.user, reason="a test")
    assert asha.client.get(SESSIONS).status_code == 401
    question = {"subject": f"user:{asha.user.public_id}", "action": "a:b", "resource": "c:d"}
    with CaptureQueriesContext(connections[ALIAS]) as asked:
        asha.client.post("/v1/authz/check", question, format="json")
        post(APIClient(), "/v1/auth/refresh", {"refresh_token": asha.refresh_token})
        post(APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": PASSWORD})
    assert not asked.captured_queries


def test_a_list_of_the_console_comes_from_the_replica_and_what_a_change_did_at_once(
    replica: Standby, signing_key: object
) -> None:
    admin = UserFactory.create()
    grant_role(user=admin, role="admin", granted_by=None, reason="a test")
    browser = sign_in_browser(admin)
    replica.catch_up()
    address = "/console/accounts/user/"
    assert tables_read_there(lambda: browser.get(address), "accounts_user")
    replica.pause()
    suspended = UserFactory.create()
    status.suspend(user=suspended, reason="a test")
    page = browser.get(address)
    assert page.status_code == 200
    assert suspended.email not in page.content.decode(), "nobody's change of whom this page is"
