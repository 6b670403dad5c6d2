"""Whose data key seals what belongs to a trading account: its own, so that unlinking can destroy it."""

from uuid import UUID

from django.db import models

from config.ids import public_id
from config.vault.subjects import KeySubject

ACCOUNT_PREFIX = "acc"


def account_key(account_id: UUID) -> KeySubject:
    return KeySubject("trading_account", public_id(ACCOUNT_PREFIX, account_id))


class SealedUnderAccountKey(models.Model):
    """For rows with an `account` whose sealed fields open with that account's data key."""

    account_id: UUID

    class Meta:
        abstract = True

    @property
    def key_subject(self) -> KeySubject:
        return account_key(self.account_id)
