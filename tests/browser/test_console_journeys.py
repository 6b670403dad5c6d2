"""Two things that staff come to the console for, from the first page to the last."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import jwt
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Session, SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import service_clients, signing_keys
from accounts.tests.browsers import sign_in_browser
from accounts.tests.console.walking_in import Staff, make_staff
from accounts.tests.factories import UserFactory
from audit.services.checkpoints import sign_all
from audit.services.verification import verify
from audit.tests.api.test_proofs import check
from audit.tests.factories import AuthEventFactory
from config.telemetry import planted_secrets

EVENTS = 5


def enter(page: Page, staff: Staff, site: str) -> None:
    """With the cookie of somebody who has just proved two factors."""
    cookie = sign_in_browser(staff.person).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])


def saved(page: Page, link: str, folder: Path) -> Path:
    """The file that the link brings."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=link, exact=True).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_compliance_exports_a_persons_trail_and_proves_an_event_of_it(
    page: Page, site: str, tmp_path: Path
) -> None:
    meera = UserFactory.create(email="meera@example.com")
    AuthEventFactory.create_batch(EVENTS, subject_user_id=meera.public_id, ip="192.0.2.8")
    AuthEventFactory.create_batch(3)
    enter(page, make_staff("compliance"), site)

    page.goto("/console/audit/exportjob/")
    page.get_by_role("link", name="Ask for an export").click()
    page.get_by_label("Format").select_option("jsonl")
    page.get_by_label("Person").fill(meera.public_id)
    page.get_by_role("button", name="Ask for an export").click()
    expect(page.get_by_text("is being written")).to_be_visible()
    exported = saved(page, "Download", tmp_path).read_text().splitlines()
    told = [json.loads(line) for line in exported]
    assert len(told) == EVENTS
    assert {row["user_id"] for row in told} == {meera.public_id}

    page.goto("/console/audit/auditcheckpoint/")
    expect(page.get_by_text("Nothing has been signed yet.")).to_be_visible()
    sign_all()
    verify()
    page.reload()
    expect(page.get_by_text("found them as they were written")).to_be_visible()
    expect(page.get_by_text("Last signed: checkpoint 1")).to_be_visible()

    page.goto(f"/console/audit/authevent/?q={meera.public_id}")
    page.locator("#result_list tbody").last.get_by_role("link").first.click()
    page.get_by_role("link", name="Proof", exact=True).click()
    proof = saved(page, "Download the proof", tmp_path)
    keys = page.request.get(f"{site}/v1/audit/keys").json()
    done = check(tmp_path, json.loads(proof.read_text()), keys)
    assert done.returncode == 0, done.stderr
    assert "checkpoint 1 tells of" in done.stdout


def test_an_administrator_proves_a_factor_and_rotates_a_key_and_a_secret(
    page: Page, site: str, environment: Callable[..., None]
) -> None:
    environment(jwks_max_age=0, clock_leeway=0)
    signing_keys.tend()
    following = SigningKey.objects.get(state=KeyState.NEXT)
    first = service_clients.create(client_id="ticker", name="Ticker", scopes=["authz:check"])
    admin = make_staff("admin")
    enter(page, admin, site)
    Session.objects.update(auth_time=timezone.now() - timedelta(hours=1))

    page.goto("/console/accounts/signingkey/")
    page.get_by_role("link", name="Rotate").click()
    expect(page.get_by_role("heading", name="Prove that it is you")).to_be_visible()
    page.get_by_label("The code of your authenticator app").fill(admin.app.code())
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Rotate the signing key").click()
    expect(page.get_by_text(f"{following.kid} signs from now on.")).to_be_visible()

    page.goto("/console/accounts/serviceclient/")
    page.locator("tr", has_text="ticker").locator("input.action-select").check()
    page.get_by_role("combobox").select_option("rotate_secret")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("The secret that it replaces works until")).to_be_visible()
    second = page.locator("dd code").last.inner_text()
    planted_secrets.add(first.secret, second)
    assert second != first.secret
    for secret in (first.secret, second):
        form: dict[str, str | float | bool] = {
            "grant_type": "client_credentials",
            "client_id": "ticker",
            "client_secret": secret,
        }
        token = page.request.post(f"{site}/v1/oauth/token", form=form).json()["access_token"]
        assert jwt.get_unverified_header(token)["kid"] == following.kid
