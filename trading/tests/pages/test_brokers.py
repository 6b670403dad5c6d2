"""My account, Brokers: what people see and do there."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from config.telemetry import planted_secrets
from mfa.tests.factories import a_passkey
from trading.models import AccountStatus, LoginAttempt, TradingAccount
from trading.pages.showing import in_rupees
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory, active_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_policies")]

BROKERS = "/accounts/brokers"


@pytest.fixture
def account() -> TradingAccount:
    return active_account(nickname="Long term", owner__name="Asha Rao")


def text(answer: Any) -> str:
    return " ".join(str(answer.content.decode()).split())


def page_of(account: TradingAccount, what: str = "") -> str:
    return f"{BROKERS}/{account.public_id}{what}"


def onward(answer: Any) -> str:
    """Where the page that leaves us leads."""
    assert answer.status_code == 200, answer.content
    return str(answer["Refresh"]).partition("url=")[2]


def test_my_account_leads_there(account: TradingAccount) -> None:
    assert f'href="{BROKERS}"' in text(sign_in_browser(account.owner).get("/accounts/"))


def test_strangers_sign_in_first_and_come_back(account: TradingAccount) -> None:
    for path in ("", "/link", "/link/kite", f"/{account.public_id}"):
        answer = Client().get(BROKERS + path)
        assert answer["Location"].startswith("/accounts/sign-in?next=%2Faccounts%2Fbrokers")


def test_state_and_next_login_are_told_in_words_and_on_the_persons_clock(
    account: TradingAccount,
) -> None:
    User.objects.filter(pk=account.owner_id).update(timezone="America/New_York")
    account.owner.refresh_from_db()
    browser = sign_in_browser(account.owner)
    for page in (browser.get(BROKERS), browser.get(page_of(account))):
        assert "All is well." in text(page)
        assert "(America/New_York)" in text(page)
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=True):
        browser = sign_in_browser(account.owner)
        assert "Log in again to go on." in text(browser.get(BROKERS))


def test_somebody_elses_account_is_not_there(account: TradingAccount) -> None:
    stranger = sign_in_browser(UserFactory.create())
    assert "Long term" not in text(stranger.get(BROKERS))
    for what in ("", "/credentials", "/unlink"):
        assert stranger.get(page_of(account, what))["Location"] == BROKERS
    for what in ("/login", "/refresh", "/rename", "/credentials", "/unlink"):
        assert stranger.post(page_of(account, what), {"nickname": "Mine"})["Location"] == BROKERS
    account.refresh_from_db()
    assert (account.nickname, account.status) == ("Long term", AccountStatus.ACTIVE)
    assert not LoginAttempt.objects.exists()


def test_a_reading_member_sees_it_and_changes_nothing(account: TradingAccount) -> None:
    guest = MembershipFactory.create(account=account)
    browser = sign_in_browser(guest.user)
    page = text(browser.get(page_of(account)))
    assert "shared by Asha Rao" in page
    for offer in ("Rename", "Unlink", "Log in again", "Shared with"):
        assert offer not in page
    for what in ("/login", "/rename", "/credentials", "/unlink"):
        browser.post(page_of(account, what), {"nickname": "Mine"})
    account.refresh_from_db()
    assert (account.nickname, account.status) == ("Long term", AccountStatus.ACTIVE)
    assert not LoginAttempt.objects.exists()


def test_the_owner_sees_who_shares_it(account: TradingAccount) -> None:
    guest = MembershipFactory.create(account=account, user__name="Ravi Iyer")
    page = text(sign_in_browser(account.owner).get(page_of(account)))
    assert guest.user.name in page


def test_kite_is_linked_with_key_and_secret(trader: TraderFactory) -> None:
    someone = trader()
    browser = sign_in_browser(someone.user)
    assert "API secret" in text(browser.get(f"{BROKERS}/link/kite"))
    sent = {"nickname": "Long term", **someone.credentials()}
    login_url = onward(browser.post(f"{BROKERS}/link/kite", sent))
    location = someone.walk(login_url)
    finished = browser.get(location, headers={"Accept": "text/html"})
    planted_secrets.add(*(session.access_token for session in someone.control.sessions()))
    assert "You are logged in at the broker" in text(finished)
    assert "(Asia/Kolkata)" in text(finished)
    assert TradingAccount.objects.get().status == AccountStatus.ACTIVE


def test_a_secret_is_not_shown_again_by_a_form_that_was_not_right(trader: TraderFactory) -> None:
    someone = trader()
    browser = sign_in_browser(someone.user)
    sent = {"nickname": "", **someone.credentials()}
    answer = browser.post(f"{BROKERS}/link/kite", sent)
    assert "This field is required." in text(answer)
    assert someone.app.api_secret not in text(answer)
    for key in ("a b c d e", "abc", "x" * 129):
        answer = browser.post(f"{BROKERS}/link/kite", {**sent, "nickname": "x", "api_key": key})
        assert "without spaces" in text(answer)
    assert not TradingAccount.objects.exists()


def test_an_unknown_broker_cannot_be_linked(account: TradingAccount) -> None:
    assert sign_in_browser(account.owner).get(f"{BROKERS}/link/nobody").status_code == 404


@pytest.mark.parametrize("path", ["/link/kite", "/link/paper", "/{id}/unlink", "/{id}/credentials"])
def test_what_opens_or_ends_an_account_wants_a_fresh_second_factor(
    account: TradingAccount, path: str
) -> None:
    browser = sign_in_browser(account.owner, amr=("pwd",))
    where = BROKERS + path.format(id=account.public_id)
    assert browser.get(where)["Location"].startswith("/accounts/security?next=")
    a_passkey(account.owner)
    assert browser.get(where)["Location"].startswith("/accounts/prove-yourself?next=")
    browser = sign_in_browser(account.owner)
    assert browser.get(where).status_code == 200
    Session.objects.update(auth_time=timezone.now() - timedelta(hours=1))
    assert browser.post(where, {"nickname": "x"})["Location"].startswith("/accounts/prove-yourself")
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    assert TradingAccount.objects.count() == 1


def test_it_is_renamed(account: TradingAccount) -> None:
    browser = sign_in_browser(account.owner)
    browser.post(page_of(account, "/rename"), {"nickname": "Pension"})
    browser.post(page_of(account, "/rename"), {"nickname": "x" * 65})
    account.refresh_from_db()
    assert account.nickname == "Pension"
    assert "1 to 64 characters" in text(browser.get(page_of(account)))


def test_profile_and_funds_are_fetched_on_demand(
    trader: TraderFactory, django_capture_on_commit_callbacks: Any
) -> None:
    someone = trader()
    account = someone.linked()
    browser = sign_in_browser(someone.user)
    assert "not yet" in text(browser.get(page_of(account)))
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(page_of(account, "/refresh"))
    page = text(browser.get(page_of(account)))
    assert "We are asking the broker." in page
    assert "Funds, equity" in page


def test_credentials_are_replaced(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    browser = sign_in_browser(someone.user)
    answer = browser.post(page_of(account, "/credentials"), someone.credentials())
    someone.log_in(onward(answer))
    assert account.credential_versions.current().get().number == 2


def test_it_is_unlinked_after_a_yes(account: TradingAccount, simulator: Any) -> None:
    MembershipFactory.create(account=account)
    browser = sign_in_browser(account.owner)
    asked = text(browser.get(page_of(account, "/unlink")))
    assert "Unlink “Long term”?" in asked
    assert "One person shares it" in asked
    answer = browser.post(page_of(account, "/unlink"), follow=True)
    assert "The account is unlinked." in text(answer)
    assert "Long term" not in text(answer)
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED


def test_logins_share_the_limit_of_the_api(account: TradingAccount, api: Any) -> None:
    browser = sign_in_browser(account.owner)
    for _ in range(30):
        assert onward(browser.post(page_of(account, "/login")))
    assert browser.post(page_of(account, "/login"))["Location"] == BROKERS
    url = f"/v1/trading-accounts/{account.public_id}/login"
    assert api(account.owner).post(url).status_code == 429


def test_a_refusal_is_told_in_words(account: TradingAccount) -> None:
    TradingAccount.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    browser = sign_in_browser(account.owner)
    assert browser.post(page_of(account, "/login"))["Location"] == BROKERS
    page = text(browser.get(BROKERS))
    assert 'role="alert"' in page
    assert "Ask our support why." in page


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "₹ 0.00"),
        ("999.5", "₹ 999.50"),
        ("1234567.8", "₹ 12,34,567.80"),
        ("-123456789", "₹ -12,34,56,789.00"),
    ],
)
def test_amounts_are_grouped_as_in_india(amount: str, shown: str) -> None:
    assert in_rupees(amount) == shown
