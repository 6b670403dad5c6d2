"""The console's pages of the configuration and of the system check."""

from collections.abc import Callable

import pytest
from django.core import checks
from django.urls import reverse
from pydantic import SecretStr

from accounts.tests.console.conftest import AtConsole
from config.dashboard import platform
from config.settings.reference import SECTIONS
from config.telemetry import planted_secrets

pytestmark = pytest.mark.django_db
PATHS = [reverse("platform-configuration"), reverse("platform-check")]
SECRET = "never-to-be-shown-anywhere"


def test_the_configuration_has_every_variable_and_no_secret(
    at_console: AtConsole, environment: Callable[..., None]
) -> None:
    planted_secrets.add(SECRET)
    fields = {name: field for section in SECTIONS for name, field in section.model_fields.items()}
    secret = {
        name: SecretStr(SECRET)
        for name, field in fields.items()
        if "SecretStr" in str(field.annotation)
    }
    assert len(secret) > 8
    environment(metrics_token=secret["metrics_token"], email_url=secret["email_url"])
    page = at_console("admin").get(PATHS[0]).content.decode()
    assert [name for name in fields if name.upper() not in page] == []
    assert SECRET not in page
    assert platform.DOTS in page
    for name, value in secret.items():
        assert platform.shown(name, value) == platform.DOTS


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("metrics_token", None, ""),
        ("some_password", "hunter2", platform.DOTS),
        ("proxy", "https://me:pass@proxy.example/x", f"https://{platform.DOTS}@proxy.example/x"),
        ("hosts", ["a", "b"], "a, b"),
        ("login_free_failures", 5, "5"),
    ],
)
def test_values_are_told_without_what_is_secret(name: str, value: object, told: str) -> None:
    assert platform.shown(name, value) == told


def test_what_a_setting_means_is_told_without_marks_of_markdown(at_console: AtConsole) -> None:
    told = platform.told("Both: `make serve` (see [More machines](scale-out.md)) & <others>.")
    assert told == (
        "<span>Both: </span><code>make serve</code><span> (see More machines) &amp; &lt;others&gt;.</span>"
    )
    page = at_console("admin").get(PATHS[0]).content.decode()
    assert "<code>make serve</code>" in page
    assert "](" not in page


def test_the_check_tells_the_gravest_first(
    at_console: AtConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        checks.Warning("Not so good.", id="gatehouse.W001"),
        checks.Error("Bad.", hint="Mend it.", id="gatehouse.E001"),
    ]
    browser = at_console("support")
    monkeypatch.setattr(checks, "run_checks", lambda **_: found)
    page = browser.get(PATHS[1]).content.decode()
    assert "Mend it." in page
    assert page.index("gatehouse.E001") < page.index("gatehouse.W001")
    monkeypatch.setattr(checks, "run_checks", lambda **_: [])
    assert "Every check is content." in browser.get(PATHS[1]).content.decode()


@pytest.mark.parametrize(
    ("message", "told", "is_explained"),
    [
        (checks.Warning("x", id="security.W004"), "config.settings.production", True),
        (checks.Warning("x", id="security.W020"), "ALLOWED_HOSTS", True),
        (checks.Warning("x", id="models.W042"), "tell whoever develops the service", True),
        (checks.Warning("x", id="elsewhere.W001"), "tell whoever develops the service", False),
        (checks.Warning("x"), "tell whoever develops the service", False),
        (checks.Warning("x", hint="Do this.", id="security.W004"), "Do this.", True),
    ],
)
def test_the_check_says_what_to_do_even_where_django_does_not(
    at_console: AtConsole,
    monkeypatch: pytest.MonkeyPatch,
    message: checks.CheckMessage,
    told: str,
    is_explained: bool,
) -> None:
    monkeypatch.setattr(checks, "run_checks", lambda **_: [message])
    page = at_console("support").get(PATHS[1]).content.decode()
    assert told in page
    assert ("docs.djangoproject.com" in page) is is_explained


def test_what_the_check_finds_here_has_something_to_do_about_it(at_console: AtConsole) -> None:
    page = at_console("support").get(PATHS[1])
    found = page.context["told"]
    assert "security.W004" in {message.id for message, _, _ in found}
    assert all(remedy for _, remedy, _ in found)


@pytest.mark.parametrize("path", PATHS)
def test_they_are_for_those_who_look_after_the_platform(at_console: AtConsole, path: str) -> None:
    from authz.models import Role

    for role in ("support", "compliance", "admin"):
        browser = at_console(role)
        assert browser.get(path).status_code == 200
        assert browser.post(path).status_code == 405
        assert path in browser.get(reverse("admin:jobs_job_changelist")).content.decode()
    Role.objects.create(name="visitor", scopes=["console:access"])
    assert at_console("visitor").get(path).status_code == 403
    assert at_console("trader").get(path).status_code == 302
