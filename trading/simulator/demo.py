"""The app and the people that the simulator starts with, so that a first walk needs no preparation.

They open nothing but the simulator.
"""

from trading.simulator.state import App, State, User

API_KEY = "demokey"
API_SECRET = "demosecret"  # noqa: S105 - of the simulator's own app
PASSWORD = "demopassword"  # noqa: S105 - of the simulator's own people
PIN = "123456"
USER_IDS = ("DA0001", "DA0002")


def install(state: State, *, redirect_url: str) -> None:
    """Put the demo app and people in place, or back in place; their sessions are left alone."""
    state.book.apps[API_KEY] = App(
        api_key=API_KEY, api_secret=API_SECRET, name="Demo app", redirect_url=redirect_url
    )
    asha, dev = USER_IDS
    state.book.users[asha] = User(
        user_id=asha, password=PASSWORD, pin=PIN, name="Asha Rao", email="asha.rao@example.com"
    )
    state.book.users[dev] = User(
        user_id=dev,
        password=PASSWORD,
        pin=PIN,
        name="Dev Nair",
        email="dev.nair@example.com",
        cash=82_400.75,
        used=0,
    )
