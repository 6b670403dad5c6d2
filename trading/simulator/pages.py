"""The login page, for a browser or curl: user id and password, then a six-digit code, then back to the app."""

import hmac
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from trading.simulator.messages import Reply, Request
from trading.simulator.refusals import KiteError
from trading.simulator.state import State, User

LOGIN_PATH = "/connect/login"
CODE_PATH = "/connect/twofa"

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Kite simulator</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 4rem auto; padding: 0 1rem }}
  label, input {{ display: block; width: 100%; box-sizing: border-box }}
  input {{ font: inherit; padding: .4rem; margin: 0 0 1rem }}
  button {{ font: inherit; padding: .4rem 1rem }}
  [role=alert] {{ color: #a40000 }}
</style>
<main>
<h1>{title}</h1>
<p>This is a simulator: enter nothing real.</p>
{alert}
<form method="post" action="{action}">
<input type="hidden" name="login_id" value="{login_id}">
{fields}
<button name="decision" value="continue">Continue</button>
<button name="decision" value="cancel" formnovalidate>Cancel</button>
</form>
</main>
</html>
"""

_FIRST_FIELDS = """<label for="user_id">User ID</label>
<input id="user_id" name="user_id" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>"""

_SECOND_FIELDS = """<label for="pin">Six-digit code</label>
<input id="pin" name="pin" inputmode="numeric" pattern="[0-9]{6}" autocomplete="one-time-code" required>"""


def answer(state: State, request: Request) -> Reply:
    """A page, or the redirect that ends the walk. Raises KiteError when there is nothing to show on a page."""
    steps = {
        ("GET", LOGIN_PATH): show_login,
        ("POST", LOGIN_PATH): take_password,
        ("POST", CODE_PATH): take_code,
    }
    step = steps.get((request.method, request.path))
    if step is None:
        raise KiteError("GeneralException", "The page has no such method.", status=405)
    return step(state, request)


def show_login(state: State, request: Request) -> Reply:
    if request.query.get("v") != "3":
        raise KiteError("InputException", "Call this page with v=3.")
    login_id = state.begin_login(
        api_key=request.query.get("api_key", ""),
        redirect_params=request.query.get("redirect_params", ""),
    )
    return _password_page(login_id)


def take_password(state: State, request: Request) -> Reply:
    login_id = request.form.get("login_id", "")
    login = state.login(login_id)
    if request.form.get("decision") == "cancel":
        return _cancel(state, login_id)
    user = state.book.users.get(request.form.get("user_id", ""))
    if user is None or not _same(user.password, request.form.get("password", "")):
        return _password_page(login_id, alert="The user ID or the password is wrong.")
    login.user_id = user.user_id
    return _code_page(login_id)


def take_code(state: State, request: Request) -> Reply:
    login_id = request.form.get("login_id", "")
    login = state.login(login_id)
    if request.form.get("decision") == "cancel":
        return _cancel(state, login_id)
    user: User | None = state.book.users.get(login.user_id or "")
    if user is None:
        return _password_page(login_id, alert="Enter the user ID and password first.")
    if not _same(user.pin, request.form.get("pin", "")):
        return _code_page(login_id, alert="The code is wrong.")
    del state.logins[login_id]
    return Reply.redirect(
        _return_url(
            state.app(login.api_key).redirect_url,
            {
                "action": "login",
                "type": "login",
                "status": "success",
                "request_token": state.issue_request_token(
                    api_key=login.api_key, user_id=user.user_id
                ),
            },
            echo=login.redirect_params,
        )
    )


def _cancel(state: State, login_id: str) -> Reply:
    """Back to the app with nothing but the status: Kite does not echo `redirect_params` here."""
    login = state.logins.pop(login_id)
    return Reply.redirect(
        _return_url(state.app(login.api_key).redirect_url, {"status": "cancelled"}, echo="")
    )


def _return_url(registered: str, own: dict[str, str], *, echo: str) -> str:
    """The app's registered URL with our fields and, decoded, those that the app asked to have back."""
    parts = urlsplit(registered)
    echoed = [pair for pair in parse_qsl(echo, keep_blank_values=True) if pair[0] not in own]
    query = parse_qsl(parts.query, keep_blank_values=True) + list(own.items()) + echoed
    return parts._replace(query=urlencode(query)).geturl()


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def _password_page(login_id: str, *, alert: str = "") -> Reply:
    return _page("Log in", LOGIN_PATH, _FIRST_FIELDS, login_id, alert)


def _code_page(login_id: str, *, alert: str = "") -> Reply:
    return _page("Enter your code", CODE_PATH, _SECOND_FIELDS, login_id, alert)


def _page(title: str, action: str, fields: str, login_id: str, alert: str) -> Reply:
    markup = _PAGE.format(
        title=escape(title),
        action=action,
        login_id=escape(login_id),
        fields=fields,
        alert=f'<p role="alert">{escape(alert)}</p>' if alert else "",
    )
    return Reply.page(markup, status=403 if alert else 200)
