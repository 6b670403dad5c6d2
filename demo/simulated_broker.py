"""The Kite simulator of development is told of the accounts that were made up, so that they sync and log in again."""

from collections.abc import Sequence
from pathlib import Path

from demo.brokers import KITE, Linked
from demo.chance import Chance
from trading.brokers.indian_day import session_end
from trading.simulator import demo as simulator
from trading.simulator.state import App, Book, Session, User
from trading.simulator.statefile import StateFile


def introduce(accounts: Sequence[Linked], path: Path, *, redirect_url: str, chance: Chance) -> None:
    """Write them into the book in the file at `path`, which a simulator reads when it starts. Everybody's password and
    code there are those of the simulator's own people. Raises StateFileError.
    """
    file = StateFile(path)
    book = file.load() or Book()
    for linked in accounts:
        if linked.account.broker != KITE or not linked.account.broker_user_hash:
            continue
        book.apps[linked.api_key] = App(
            api_key=linked.api_key,
            api_secret=linked.api_secret,
            name=linked.account.nickname,
            redirect_url=redirect_url,
        )
        book.users[linked.broker_user] = User(
            user_id=linked.broker_user,
            password=simulator.PASSWORD,
            pin=simulator.PIN,
            name=linked.person.user.name,
            email=linked.person.user.email,
            cash=linked.funds,
            used=0,
        )
        if linked.is_live:
            book.sessions[linked.access_token] = Session(
                access_token=linked.access_token,
                api_key=linked.api_key,
                user_id=linked.broker_user,
                login_time=chance.until,
                expires_at=session_end(login_time=chance.until, now=chance.until),
            )
    file.save(book)
