"""What granian loads."""

import os
import subprocess
import sys

ASK = """
from wsgiref.util import setup_testing_defaults
from config.wsgi import application
environ = {"PATH_INFO": "/livez", "HTTP_HOST": "localhost"}
setup_testing_defaults(environ)
print(b"".join(application(environ, lambda status, headers: print(status))).decode())
"""


def test_the_application_answers() -> None:
    # In a process of its own: loading it sets Django and its logging up again.
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "200 OK" in done.stdout
