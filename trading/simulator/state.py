"""What the simulated broker knows: apps, people, request tokens and sessions."""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from pydantic import BaseModel, Field

from trading.simulator.clock import Clock, next_six_o_clock
from trading.simulator.refusals import KiteError

REQUEST_TOKEN_LIFETIME = timedelta(minutes=5)
LOGIN_LIFETIME = timedelta(minutes=10)


def random_word(length: int = 32) -> str:
    return secrets.token_hex(length // 2)


class App(BaseModel):
    """What a developer has registered."""

    api_key: str = Field(default_factory=lambda: random_word(16))
    api_secret: str = Field(default_factory=random_word, repr=False)
    name: str = "An app"
    redirect_url: str


class User(BaseModel):
    """A client of the broker. The money is in rupees."""

    user_id: str = Field(default_factory=lambda: f"SM{random_word(8).upper()}")
    password: str = Field(default_factory=random_word, repr=False)
    pin: str = Field(default_factory=lambda: f"{secrets.randbelow(1_000_000):06}", repr=False)
    name: str = "Asha Rao"
    email: str = "asha.rao@example.com"
    cash: float = 150_000.5
    used: float = 20_250.25


class Login(BaseModel):
    """A walk through the login page that is under way; `user_id` is known after the password."""

    api_key: str
    redirect_params: str
    expires_at: datetime
    user_id: str | None = None


class RequestToken(BaseModel):
    api_key: str
    user_id: str
    expires_at: datetime


class Session(BaseModel):
    access_token: str = Field(default_factory=random_word, repr=False)
    public_token: str = Field(default_factory=random_word, repr=False)
    api_key: str
    user_id: str
    login_time: datetime
    expires_at: datetime


class Book(BaseModel):
    """All of it, as it is kept on disk between two runs. Half-walked logins are not kept."""

    apps: dict[str, App] = {}
    users: dict[str, User] = {}
    request_tokens: dict[str, RequestToken] = Field({}, repr=False)
    sessions: dict[str, Session] = Field({}, repr=False)


class State:
    """The rules of logins and sessions. Not locked: the dispatcher lets one request in at a time."""

    def __init__(self, clock: Clock, book: Book | None = None) -> None:
        self._clock = clock
        self.book = book or Book()
        self.logins: dict[str, Login] = {}

    def app(self, api_key: str) -> App:
        try:
            return self.book.apps[api_key]
        except KeyError:
            raise KiteError("InputException", "No app has this api_key.") from None

    def begin_login(self, *, api_key: str, redirect_params: str) -> str:
        """The id that the pages of one login carry along."""
        self.app(api_key)
        login_id = random_word()
        expires_at = self._clock.now() + LOGIN_LIFETIME
        self.logins[login_id] = Login(
            api_key=api_key, redirect_params=redirect_params, expires_at=expires_at
        )
        return login_id

    def login(self, login_id: str) -> Login:
        """The login under way with that id; InputException when it is over."""
        login = self.logins.get(login_id)
        if login is None or login.expires_at <= self._clock.now():
            raise KiteError("InputException", "This login is over; begin again from the app.")
        return login

    def issue_request_token(self, *, api_key: str, user_id: str) -> str:
        """What a finished login brings to the app: good for one exchange within minutes."""
        self.app(api_key)
        if user_id not in self.book.users:
            raise KiteError("InputException", "Nobody has this user_id.")
        token = random_word()
        self.book.request_tokens[token] = RequestToken(
            api_key=api_key, user_id=user_id, expires_at=self._clock.now() + REQUEST_TOKEN_LIFETIME
        )
        return token

    def exchange(self, *, api_key: str, request_token: str, checksum: str) -> Session:
        """Begin a session; the same person's former one with this app ends."""
        app = self.app(api_key)
        expected = sha256(f"{api_key}{request_token}{app.api_secret}".encode()).hexdigest()
        if not hmac.compare_digest(expected.encode(), checksum.encode()):
            raise KiteError("TokenException", "The checksum does not fit.")
        granted = self.book.request_tokens.get(request_token)
        now = self._clock.now()
        if granted is None or granted.api_key != api_key or granted.expires_at <= now:
            raise KiteError("TokenException", "The request_token is not good any more.")
        del self.book.request_tokens[request_token]
        self.end_sessions(api_key=api_key, user_id=granted.user_id)
        session = Session(
            api_key=api_key,
            user_id=granted.user_id,
            login_time=now,
            expires_at=next_six_o_clock(now),
        )
        self.book.sessions[session.access_token] = session
        return session

    def session(self, *, api_key: str, access_token: str) -> Session:
        """The living session of this app with that token; TokenException when there is none."""
        session = self.book.sessions.get(access_token)
        if session is None or session.api_key != api_key or session.expires_at <= self._clock.now():
            raise KiteError("TokenException", "The api_key or the access_token is not good.")
        return session

    def end_session(self, *, api_key: str, access_token: str) -> None:
        self.session(api_key=api_key, access_token=access_token)
        del self.book.sessions[access_token]

    def end_sessions(self, *, api_key: str | None = None, user_id: str | None = None) -> int:
        """End those of one app, of one person, of both, or all; returns how many there were."""
        return self._drop_sessions(
            lambda session: (
                api_key in (None, session.api_key) and user_id in (None, session.user_id)
            )
        )

    def living_sessions(self) -> list[Session]:
        """Those whose time has not come; the others are forgotten."""
        now = self._clock.now()
        self._drop_sessions(lambda session: session.expires_at <= now)
        return list(self.book.sessions.values())

    def _drop_sessions(self, chosen: Callable[[Session], bool]) -> int:
        before = len(self.book.sessions)
        self.book.sessions = {
            token: session for token, session in self.book.sessions.items() if not chosen(session)
        }
        return before - len(self.book.sessions)
