"""Mails of development: written to files, read in the browser and in the terminal."""

import re
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.test import Client
from django.urls import Resolver404, resolve

BACKEND = "config.devstack.mail_backend.EmlBackend"

pages = pytest.mark.urls("config.devstack.urls")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DEVSTACK_MAIL = tmp_path / "mail"
    return tmp_path / "mail"


def send(subject: str, *, to: str = "ada@example.com", text: str = "Hello", html: str = "") -> None:
    message = EmailMultiAlternatives(subject, text, "from@example.com", [to])
    if html:
        message.attach_alternative(html, "text/html")
    get_connection(BACKEND).send_messages([message])


def test_each_mail_is_a_private_file(folder: Path) -> None:
    messages = [EmailMessage(subject, "x", "a@example.com", ["b@example.com"]) for subject in "ab"]
    assert get_connection(BACKEND).send_messages(messages) == 2
    assert len(list(folder.glob("*.eml"))) == len(list(folder.iterdir())) == 2
    assert {S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())} == {0o700, 0o600}


@pages
def test_the_inbox_shows_the_newest_first(client: Client) -> None:
    for subject in ("First", "Second", "Third"):
        send(subject)
    page = client.get("/dev/mail/").content.decode()
    assert page.index("Third") < page.index("Second") < page.index("First")


@pages
def test_an_inbox_without_mail_says_so(client: Client) -> None:
    assert "Nothing has been sent yet" in client.get("/dev/mail/").content.decode()


@pages
def test_the_inbox_of_one_person_has_only_their_mail(client: Client) -> None:
    send("For Ada")
    send("For Bob", to="Bob <bob@example.com>")
    page = client.get("/dev/mail/", {"to": "BOB@example.com"}).content.decode()
    assert "For Bob" in page
    assert "For Ada" not in page


@pages
def test_a_mail_shows_its_headers_and_its_text_with_links(client: Client, folder: Path) -> None:
    send("नमस्ते", text="Open https://gatehouse.example/verify?token=abc & <b>")
    (path,) = folder.iterdir()
    page = client.get(f"/dev/mail/{path.name}").content.decode()
    assert "<h1>नमस्ते</h1>" in page
    assert "ada@example.com" in page
    assert 'href="https://gatehouse.example/verify?token=abc"' in page
    assert "<b>" not in page
    assert "iframe" not in page


@pages
def test_the_html_of_a_mail_can_do_nothing(client: Client, folder: Path) -> None:
    send("Hello", html="<script>alert(1)</script><p>Rich</p>")
    (path,) = folder.iterdir()
    page = client.get(f"/dev/mail/{path.name}").content.decode()
    (frame,) = re.findall(r"<iframe ([^>]*)>", page)
    assert f'src="/dev/mail/{path.name}/html"' in frame
    assert "sandbox" in frame.split()  # and nothing allowed back
    assert "Rich" not in page
    content = client.get(f"/dev/mail/{path.name}/html")
    assert "<p>Rich</p>" in content.content.decode()
    assert content["Content-Security-Policy"].startswith("sandbox; default-src 'none';")


@pages
def test_the_terminal_gets_the_newest_text(client: Client) -> None:
    send("Old", text="old")
    send("New", text="new")
    send("Other", to="bob@example.com", text="other")
    answer = client.get("/dev/mail/latest", {"to": "ada@example.com"})
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().strip() == "new"
    assert client.get("/dev/mail/latest", {"to": "eve@example.com"}).status_code == 404


@pages
@pytest.mark.parametrize(
    "name", ["nothing", "20260101T000000.000000-00000000.eml", "..%2Fsecret.eml"]
)
def test_nothing_but_mails_can_be_read(client: Client, folder: Path, name: str) -> None:
    folder.mkdir()
    (folder.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    assert client.get(f"/dev/mail/{name}").status_code == 404
    assert client.get(f"/dev/mail/{name}/html").status_code == 404


@pages
def test_mail_is_not_cached_and_not_changed_by_writing(client: Client) -> None:
    assert "no-store" in client.get("/dev/mail/")["Cache-Control"]
    assert client.post("/dev/mail/").status_code == 405


def test_elsewhere_the_pages_are_not_there() -> None:
    with pytest.raises(Resolver404):
        resolve("/dev/mail/")
