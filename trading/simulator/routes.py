"""The part of Kite Connect's API that is about people and sessions."""

# https://kite.trade/docs/connect/v3/user/

from collections.abc import Callable

from trading.simulator import fixtures
from trading.simulator.limits import RateBuckets
from trading.simulator.messages import Reply, Request
from trading.simulator.refusals import KiteError
from trading.simulator.state import Session, State

API_VERSION = "3"

Handler = Callable[[State, Request], Reply]


def answer(state: State, buckets: RateBuckets, request: Request) -> Reply:
    """The documented answer to an API request. Raises KiteError."""
    handler = _handler(request)
    if request.headers.get("x-kite-version") != API_VERSION:
        raise KiteError("InputException", "Send the header X-Kite-Version: 3.")
    if not buckets.admits(_api_key(request)):
        raise KiteError("NetworkException", "Too many requests", status=429)
    return handler(state, request)


def _handler(request: Request) -> Handler:
    methods = ROUTES.get(request.path)
    if methods is None and request.path.startswith("/user/margins/"):
        methods = {"GET": read_segment}
    if methods is None:
        raise KiteError("GeneralException", "There is no such route.", status=404)
    if request.method not in methods:
        raise KiteError("GeneralException", "The route has no such method.", status=405)
    return methods[request.method]


def _credentials(request: Request) -> tuple[str, str]:
    """API key and access token of `Authorization: token key:token`; empty where there is none."""
    scheme, _, pair = request.headers.get("authorization", "").partition(" ")
    api_key, _, access_token = pair.partition(":") if scheme == "token" else ("", "", "")
    return api_key, access_token


def _api_key(request: Request) -> str:
    named = request.form.get("api_key") or request.query.get("api_key")
    return named or _credentials(request)[0]


def _session(state: State, request: Request) -> Session:
    api_key, access_token = _credentials(request)
    return state.session(api_key=api_key, access_token=access_token)


def _required(values: dict[str, str], *names: str) -> tuple[str, ...]:
    for name in names:
        if not values.get(name):
            raise KiteError("InputException", f"{name} is missing.")
    return tuple(values[name] for name in names)


def begin_session(state: State, request: Request) -> Reply:
    """`POST /session/token`"""
    api_key, request_token, checksum = _required(
        request.form, "api_key", "request_token", "checksum"
    )
    session = state.exchange(api_key=api_key, request_token=request_token, checksum=checksum)
    body = fixtures.session(session, state.book.users[session.user_id])
    return Reply.json(fixtures.success(body))


def end_session(state: State, request: Request) -> Reply:
    """`DELETE /session/token?api_key=…&access_token=…`"""
    api_key, access_token = _required(request.query, "api_key", "access_token")
    state.end_session(api_key=api_key, access_token=access_token)
    return Reply.json(fixtures.success(True))


def renew_session(state: State, request: Request) -> Reply:
    """`POST /session/refresh_token`: for approved platforms alone, and no app here is one."""
    (api_key,) = _required(request.form, "api_key")
    state.app(api_key)
    raise KiteError("PermissionException", "This app may not renew sessions.")


def read_profile(state: State, request: Request) -> Reply:
    """`GET /user/profile`"""
    session = _session(state, request)
    return Reply.json(fixtures.success(fixtures.profile(state.book.users[session.user_id])))


def read_margins(state: State, request: Request) -> Reply:
    """`GET /user/margins`"""
    session = _session(state, request)
    return Reply.json(fixtures.success(fixtures.margins(state.book.users[session.user_id])))


def read_segment(state: State, request: Request) -> Reply:
    """`GET /user/margins/{segment}`"""
    session = _session(state, request)
    segments = fixtures.margins(state.book.users[session.user_id])
    segment = request.path.rpartition("/")[2]
    if segment not in segments:
        raise KiteError("InputException", "There is no such segment.")
    return Reply.json(fixtures.success(segments[segment]))


ROUTES: dict[str, dict[str, Handler]] = {
    "/session/token": {"POST": begin_session, "DELETE": end_session},
    "/session/refresh_token": {"POST": renew_session},
    "/user/profile": {"GET": read_profile},
    "/user/margins": {"GET": read_margins},
}
