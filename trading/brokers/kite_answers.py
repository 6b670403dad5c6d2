"""Reads Kite's answers into our values, and refuses what is not shaped as documented."""

# https://kite.trade/docs/connect/v3/user/

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trading.brokers.base import BrokerLogin, BrokerProfile, Margin
from trading.brokers.indian_day import IST, session_end
from trading.brokers.kite_client import UnreadableAnswerError

SEGMENTS = ("equity", "commodity")

_TOKEN = re.compile(r"[\x21-\x7e]{1,256}")
_PAISE = Decimal("0.01")
_MOST_MONEY = Decimal(10) ** 15
_LONGEST_TEXT = 200
_LONGEST_LIST = 50


def read_login(data: Any, *, now: datetime) -> BrokerLogin:
    """From `POST /session/token`. `login_time` may be missing: the session is real without it."""
    login_time = _indian_time(_mapping(data).get("login_time"))
    return BrokerLogin(
        broker_user_id=_token(data, "user_id"),
        access_token=_token(data, "access_token"),
        expires_at=session_end(login_time=login_time, now=now),
        login_time=login_time,
    )


def read_profile(data: Any) -> BrokerProfile:
    """From `GET /user/profile`."""
    return BrokerProfile(
        broker_user_id=_token(data, "user_id"),
        name=_text(data.get("user_name")),
        email=_text(data.get("email")),
        exchanges=_texts(data.get("exchanges")),
        products=_texts(data.get("products")),
        order_types=_texts(data.get("order_types")),
    )


def read_margins(data: Any) -> tuple[Margin, ...]:
    """From `GET /user/margins`: the segments that we know, at least one."""
    segments = _mapping(data)
    margins = tuple(_margin(name, segments[name]) for name in SEGMENTS if name in segments)
    if not margins:
        raise UnreadableAnswerError
    return margins


def _indian_time(value: Any) -> datetime | None:
    """Kite's times name no zone and are Indian. None for anything else."""
    try:
        naive = datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone comes next
    except (TypeError, ValueError):
        return None
    return naive.replace(tzinfo=IST).astimezone(UTC)


def _margin(segment: str, data: Any) -> Margin:
    fields = _mapping(data)
    return Margin(
        segment=segment,
        enabled=fields.get("enabled") is True,
        net=_rupees(fields.get("net")),
        available_cash=_rupees(_mapping(fields.get("available")).get("cash")),
        utilised=_rupees(_mapping(fields.get("utilised")).get("debits")),
    )


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableAnswerError
    return value


def _token(data: Any, name: str) -> str:
    """An id or token: visible ASCII, not empty."""
    value = _mapping(data).get(name)
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise UnreadableAnswerError
    return value


def _text(value: Any) -> str:
    """Words to show: cut, and without what PostgreSQL cannot store (NUL, lone surrogates). Empty if it is no text."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:_LONGEST_TEXT]


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(_text(item) for item in value[:_LONGEST_LIST] if isinstance(item, str))


def _rupees(value: Any) -> str:
    """A JSON number as a decimal string with two places; Kite sends the noise of binary fractions too."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise UnreadableAnswerError
    amount = Decimal(value)
    if abs(amount) > _MOST_MONEY:
        raise UnreadableAnswerError
    rounded = amount.quantize(_PAISE)
    return f"{rounded if rounded else abs(rounded):f}"
