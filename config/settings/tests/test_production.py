"""What production is like, and what it refuses."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings import base
from config.settings.environment import Environment
from config.settings.sections.section import PROJECT_ROOT

Read = Callable[[dict[str, str]], Environment]


def run(*arguments: str, variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_deployment_checks_are_clean(good_variables: dict[str, str]) -> None:
    done = run(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", variables=good_variables
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments", [["manage.py", "migrate"], ["-c", "import config.wsgi"]], ids=["command", "web"]
)
def test_a_start_without_settings_names_all_of_them_in_plain_words(arguments: list[str]) -> None:
    done = run(*arguments, variables={"SECRET_KEY": "hunter2", "PORT": "8000"})
    assert done.returncode == 1
    for name in (
        "SECRET_KEY",
        "VAULT_LOCAL_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "PUBLIC_URL",
        "ALLOWED_HOSTS",
    ):
        assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_a_value_that_cannot_be_read_stops_every_command(good_variables: dict[str, str]) -> None:
    done = run("manage.py", "migrate", variables={**good_variables, "PORT": "hunter2"})
    assert (done.returncode, done.stderr.count("\n")) == (1, 2)
    assert "PORT: Input should be a valid integer" in done.stderr


Settings = dict[str, Any]


@pytest.fixture
def production(read: Read, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], Settings]:
    """The settings that production has with these variables."""

    def settings(variables: dict[str, str]) -> Settings:
        monkeypatch.setattr(base, "ENVIRONMENT", read(variables))
        return runpy.run_module("config.settings.production")

    return settings


def test_cookies_and_transport_are_strict(
    production: Callable[[dict[str, str]], Settings], good_variables: dict[str, str]
) -> None:
    settings = production(good_variables)
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"):
        assert settings[name] is True
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"):
        assert settings[name].startswith("__Host-")
    assert settings["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert (settings["DEBUG"], settings["DEVSTACK"]) == (False, False)


def test_a_proxy_is_believed_about_tls_only_where_proxies_are_trusted(
    production: Callable[[dict[str, str]], Settings], good_variables: dict[str, str]
) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in production(good_variables)
    behind = production({**good_variables, "TRUSTED_PROXIES": "10.0.0.0/8"})
    assert behind["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_services_are_the_ones_that_were_named(
    production: Callable[[dict[str, str]], Settings], good_variables: dict[str, str]
) -> None:
    settings = production(good_variables)
    assert settings["DATABASES"]["default"]["HOST"] == "db.internal"
    assert settings["CELERY_BROKER_URL"] == settings["REDIS_URL"]
    assert settings["EMAIL_HOST"] == "mail.internal"
    queued = production({**good_variables, "CELERY_BROKER_URL": "amqps://me:pass@queue.internal"})
    assert queued["CELERY_BROKER_URL"] == "amqps://me:pass@queue.internal"


def test_a_start_with_a_cluster_and_no_broker_says_that_celery_needs_another(
    good_variables: dict[str, str],
) -> None:
    clustered = {**good_variables, "REDIS_URL": "redis+cluster://:hunter2@r1:7000,r2:7001"}
    done = run("manage.py", "check", variables=clustered)
    assert done.returncode == 1
    assert "CELERY_BROKER_URL: is missing: Celery's queues cannot be in a cluster" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
    queued = {**clustered, "CELERY_BROKER_URL": "amqp://queue.internal"}
    assert run("manage.py", "check", variables=queued).returncode == 0


def test_weak_settings_are_refused_when_the_module_is_read(
    production: Callable[[dict[str, str]], Settings], good_variables: dict[str, str]
) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY[\s\S]*PUBLIC_URL"):
        production({**good_variables, "SECRET_KEY": "weak", "PUBLIC_URL": "http://here"})
