"""What every mail of ours has, as text and as HTML."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail as sent
from django.utils import timezone

from accounts import email_change_mail, factor_mail, mail
from accounts.mail import Message
from accounts.models import ApiKey, EmailChange, User
from accounts.tests.factories import UserFactory
from config.telemetry import planted_secrets

pytestmark = pytest.mark.django_db
TOKEN = "a-token-that-works-once"


def messages(user: User) -> list[Message]:
    planted_secrets.add(TOKEN)
    now = timezone.now()
    change = EmailChange(
        user=user,
        old_email=user.email,
        new_email="new@example.com",
        expires_at=now,
        restorable_until=now,
    )
    return [
        mail.verification(user, TOKEN),
        mail.known_address(user),
        mail.password_reset(user, TOKEN),
        mail.password_required(user, TOKEN),
        mail.password_changed(user),
        mail.factor_changed(user, added=True),
        mail.factor_changed(user, added=False),
        mail.api_key_created(user, ApiKey(user=user, name="robot", hint="ab12")),
        mail.account_closed(user, now),
        mail.account_reopened(user),
        mail.archive_ready(user),
        mail.sign_in_changed(user, linked=True),
        mail.sign_in_changed(user, linked=False),
        factor_mail.passkey_blocked(user),
        factor_mail.reset_requested(user),
        factor_mail.reset_approved(user),
        email_change_mail.confirm(change, TOKEN),
        email_change_mail.asked(change, TOKEN),
        email_change_mail.changed(change, TOKEN),
        email_change_mail.in_use(user),
        email_change_mail.address_kept(change),
    ]


class Seen(HTMLParser):
    """What a reader sees, the links, and whatever a mail program would have to load or run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self._aside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._aside = tag in {"style", "title"}
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag in {"img", "script", "link", "iframe", "form"} or "src" in given:
            self.loaded.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._aside = False

    def handle_data(self, data: str) -> None:
        if not self._aside:
            self.text.append(" ".join(data.split()))


def both(user: User, message: Message) -> tuple[str, str]:
    sent.outbox.clear()
    mail.send(user, message)
    (one,) = sent.outbox
    letter: Any = one
    return str(letter.body), str(letter.alternatives[0][0])


@pytest.mark.parametrize("locale", ["en", "hi"])
def test_every_mail_says_the_same_as_text_and_as_html(locale: str) -> None:
    user = UserFactory.create(locale=locale, name="Asha & Co <x>")
    for message in messages(user):
        text, html = both(user, message)
        seen = " ".join(filter(None, Seen(html).text))
        for words in (*message.paragraphs, message.caution, message.action, "Asha & Co <x>"):
            assert words in text
            assert " ".join(words.split()) in seen


@pytest.mark.parametrize("locale", ["en", "hi"])
def test_every_mail_says_who_wrote_why_and_what_to_do(locale: str) -> None:
    user = UserFactory.create(locale=locale)
    for message in messages(user):
        text, html = both(user, message)
        told = {"en": "You get this mail because", "hi": "यह मेल आपको इसलिए मिला"}[locale]
        assert told in text
        assert told in html
        assert "Gatehouse" in text
        assert message.caution or message.link, message.subject
        assert f'lang="{locale}"' in html


def test_a_mail_has_one_button_and_loads_and_runs_nothing() -> None:
    user = UserFactory.create()
    for message in messages(user):
        _, html = both(user, message)
        seen = Seen(html)
        assert seen.loaded == []
        assert seen.links.count(message.link) == (2 if message.link else 0)  # and to be copied
        assert html.count('bgcolor="') == bool(message.link)
        assert "url(" not in html
        assert "prefers-color-scheme: dark" in html


def test_no_mail_goes_beyond_the_width_of_a_phone() -> None:
    user = UserFactory.create()
    _, html = both(user, mail.verification(user, TOKEN))
    assert not re.search(r'(?<!max-)width(: |=")(?!100%|device-width)\d', html)


def test_somebody_without_an_account_is_told_where_we_have_the_address_from() -> None:
    mail.send_to_address("stranger@example.com", Message(subject="x", paragraphs=("y",)))
    assert "somebody gave us this address" in str(sent.outbox[-1].body)


def test_a_link_says_how_long_it_is_good(environment: Callable[..., None]) -> None:
    asha, ravi = UserFactory.create(), UserFactory.create(locale="hi")
    environment(email_verification_lifetime=86_400, password_reset_lifetime=5_400)
    assert "within 1\N{NO-BREAK SPACE}day." in mail.verification(asha, TOKEN).paragraphs[-1]
    reset = mail.password_reset(asha, TOKEN).paragraphs[-1]
    assert "within 1\N{NO-BREAK SPACE}hour, 30\N{NO-BREAK SPACE}minutes, and" in reset
    assert "1\N{NO-BREAK SPACE}दिन" in mail.verification(ravi, TOKEN).paragraphs[-1]
