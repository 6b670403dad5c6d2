"""Whose account at a broker an identifier belongs to."""

import re
from collections.abc import Collection
from functools import reduce
from operator import or_
from uuid import UUID

import structlog
from django.db.models import Q

from config.vault.errors import VaultUnavailableError
from trading.brokers.registry import broker_names
from trading.models import TradingAccount
from trading.services.activation import broker_user_hash

log = structlog.get_logger(__name__)

BROKER_USER = re.compile(
    r"(?=.*\d)[A-Za-z0-9]{4,24}"
)  # brokers number their people: a name is none


def owners(text: str) -> Collection[UUID]:
    """By an account's id, or by the whole user id at any broker, of which only a keyed hash is kept."""
    if key := TradingAccount.parse_id(text):
        return list(TradingAccount.objects.filter(pk=key).values_list("owner_id", flat=True))
    if not BROKER_USER.fullmatch(text):
        return ()
    try:
        hashes = [
            Q(broker=broker, broker_user_hash=broker_user_hash(broker, spelt))
            for broker in broker_names()
            for spelt in {text, text.upper()}
        ]
    except VaultUnavailableError:
        log.warning("trading.broker_users_not_looked_for")  # what else finds people still does
        return ()
    return list(
        TradingAccount.objects.not_unlinked()
        .filter(reduce(or_, hashes))
        .values_list("owner_id", flat=True)
    )
