"""What granian loads."""

from collections.abc import Callable
from wsgiref.util import setup_testing_defaults


def test_the_application_answers() -> None:
    from config.wsgi import application

    statuses: list[str] = []

    def start_response(
        status: str, _headers: object, _error: object = None, /
    ) -> Callable[[bytes], object]:
        statuses.append(status)
        return bytes.strip  # never called: the body comes back

    environ = {"PATH_INFO": "/livez", "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    body = application(environ, start_response)
    assert b"".join(body)
    assert statuses == ["200 OK"]
