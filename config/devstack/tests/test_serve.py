"""`manage.py serve` with the real web process, from an empty folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from config.devstack import ports
from config.devstack.layout import Layout
from config.devstack.readiness import wait_until_ready
from config.devstack.tests.conftest import processes_of
from config.settings.environment import Environment
from config.settings.sections.section import PROJECT_ROOT


def variables(layout: Layout, **more: str) -> dict[str, str]:
    settings = {name.upper() for name in Environment.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name not in settings}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "STATE_DIR": str(layout.state_dir),
        "DEMO_DATA": "false",
        **more,
    }


def manage(layout: Layout, *arguments: str) -> str:
    """What a `manage.py` command in another terminal says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT_ROOT,
        env=variables(layout),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@contextmanager
def serving(layout: Layout, *, port: str) -> "Iterator[subprocess.Popen[str]]":
    """The service without its background processes; told to stop at the end, whatever happened."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--only", "postgres,valkey,web"],
        cwd=PROJECT_ROOT,
        env=variables(layout, PORT=port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as serve:
        try:
            yield serve
        finally:
            serve.send_signal(signal.SIGTERM)
            serve.communicate()


def test_an_empty_folder_becomes_a_service_that_other_commands_find(layout: Layout) -> None:
    port = str(ports.any_free())
    with serving(layout, port=port) as serve:
        assert serve.stdout
        said = ""
        while "Ctrl-C stops it." not in said:
            line = serve.stdout.readline()
            assert line, said
            said += line
        # Patience: another of the web processes may answer now, and be new itself.
        assert wait_until_ready(f"http://127.0.0.1:{port}/readyz", patience=60)
        links = [
            word for line in said.splitlines() if "Console sign-in" in line for word in line.split()
        ]
        assert any(urlsplit(link).netloc == f"localhost:{port}" for link in links)
        assert "No planned migration operations" in manage(layout, "migrate", "--plan")
        public_url = "from django.conf import settings; print(settings.ENVIRONMENT.public_url)"
        assert f"http://localhost:{port}" in manage(layout, "shell", "-c", public_url)
    assert serve.returncode == 0
    assert processes_of(layout) == []


def test_it_is_refused_where_nothing_is_embedded() -> None:
    with pytest.raises(CommandError, match="for development"):
        call_command("serve")


def test_a_name_that_is_not_there_is_an_error_of_the_command(layout: Layout, settings: Any) -> None:
    settings.LAYOUT = layout
    known = "postgres, valkey, web, worker, beat, relay, webhooks, simulator"
    with pytest.raises(CommandError, match=rf"Unknown: bet, wbe\. There are: {known}\."):
        call_command("serve", only="wbe, bet,")
    assert not layout.postgres_data.exists()
