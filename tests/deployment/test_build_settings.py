"""While an image is built there is nothing to connect to, and the service loads all the same."""

import os
import subprocess
import sys

from config.settings.sections.section import PROJECT_ROOT


def test_static_files_are_collected_without_any_setting() -> None:
    names = ("PATH", "HOME", "LANG")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--dry-run"],
        cwd=PROJECT_ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings.build"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "static files" in done.stdout
