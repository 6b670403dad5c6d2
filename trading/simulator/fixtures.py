"""The bodies of answers, in the shapes that Kite's documentation shows, with people and numbers of our own."""

# https://kite.trade/docs/connect/v3/user/ and https://kite.trade/docs/connect/v3/exceptions/

from typing import Any

from trading.simulator.clock import IST
from trading.simulator.refusals import KiteError
from trading.simulator.state import Session, User

SEGMENTS = ("equity", "commodity")


def success(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}


def error(refusal: KiteError) -> dict[str, Any]:
    return {
        "status": "error",
        "message": refusal.message,
        "data": None,
        "error_type": refusal.error_type,
    }


def profile(user: User) -> dict[str, Any]:
    """`GET /user/profile`."""
    return {
        "user_id": user.user_id,
        "user_type": "individual",
        "user_name": user.name,
        "user_shortname": user.name.split(" ", maxsplit=1)[0],
        "email": user.email,
        "broker": "ZERODHA",
        "avatar_url": None,
        "exchanges": ["NSE", "BSE", "NFO", "CDS", "MCX"],
        "products": ["CNC", "NRML", "MIS"],
        "order_types": ["MARKET", "LIMIT", "SL", "SL-M"],
        "meta": {"demat_consent": "consent"},
    }


def session(begun: Session, user: User) -> dict[str, Any]:
    """`POST /session/token`: the profile and the tokens. `login_time` is Indian time and does not say so."""
    login_time = begun.login_time.astimezone(IST)
    return profile(user) | {
        "api_key": begun.api_key,
        "access_token": begun.access_token,
        "public_token": begun.public_token,
        "enctoken": "",
        "refresh_token": "",
        "silo": "",
        "login_time": login_time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def margins(user: User) -> dict[str, Any]:
    """`GET /user/margins`: the person's money is in equity, commodity is not enabled."""
    return {
        "equity": _segment(cash=user.cash, used=user.used, enabled=True),
        "commodity": _segment(cash=0, used=0, enabled=False),
    }


def _segment(*, cash: float, used: float, enabled: bool) -> dict[str, Any]:
    available = {
        "adhoc_margin": 0,
        "cash": cash,
        "opening_balance": cash,
        "live_balance": cash - used,
        "collateral": 0,
        "intraday_payin": 0,
    }
    utilised = {
        "debits": used,
        "exposure": used / 4,
        "m2m_realised": 0,
        "m2m_unrealised": 0,
        "option_premium": 0,
        "payout": 0,
        "span": used * 3 / 4,
        "holding_sales": 0,
        "turnover": 0,
        "liquid_collateral": 0,
        "stock_collateral": 0,
        "delivery": 0,
    }
    return {"enabled": enabled, "net": cash - used, "available": available, "utilised": utilised}
