"""Made-up trading accounts for tests that need no broker."""

from datetime import timedelta
from typing import Any

import orjson
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from config.telemetry import planted_secrets
from config.vault.sealing import seal_field
from trading.masking import masked
from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialStatus,
    CredentialVersion,
    Membership,
    MembershipStatus,
    OwnershipTransfer,
    TradingAccount,
)
from trading.services.activation import broker_user_hash

API_KEY, API_SECRET, ACCESS_TOKEN = "key-of-the-app", "secret-of-the-app", "token-of-the-day"
planted_secrets.add(API_SECRET, ACCESS_TOKEN)


class TradingAccountFactory(DjangoModelFactory):
    """An account that waits for its first login."""

    class Meta:
        model = TradingAccount
        skip_postgeneration_save = True

    owner = SubFactory(UserFactory)
    broker = "kite"
    nickname = Sequence(lambda n: f"Account {n}")


class CredentialVersionFactory(DjangoModelFactory):
    """A version that no login has proven yet."""

    class Meta:
        model = CredentialVersion

    account = SubFactory(TradingAccountFactory)
    number = Sequence(lambda n: n + 1)
    api_key_masked = masked(API_KEY)
    created_by = LazyAttribute(lambda version: version.account.owner)

    @classmethod
    def _create(cls, model_class: type[CredentialVersion], *_: Any, **kwargs: Any) -> Any:
        version = model_class(**kwargs)
        pair = {"api_key": API_KEY, "api_secret": API_SECRET}
        seal_field(version, "secret", orjson.dumps(pair))
        version.save()
        return version


class BrokerSessionFactory(DjangoModelFactory):
    """A live session until tomorrow."""

    class Meta:
        model = BrokerSession

    account = SubFactory(TradingAccountFactory)
    credential = LazyAttribute(lambda session: session.account.credential_versions.current().get())
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(hours=12))

    @classmethod
    def _create(cls, model_class: type[BrokerSession], *_: Any, **kwargs: Any) -> Any:
        session = model_class(**kwargs)
        seal_field(session, "access_token", ACCESS_TOKEN.encode())
        session.save()
        return session


class MembershipFactory(DjangoModelFactory):
    """Somebody who has accepted, and may read."""

    class Meta:
        model = Membership

    account = SubFactory(TradingAccountFactory)
    user = SubFactory(UserFactory)
    permissions = LazyFunction(lambda: ["read"])
    status = MembershipStatus.ACTIVE
    granted_by = LazyAttribute(lambda membership: membership.account.owner)
    invitation_expires_at = LazyFunction(lambda: timezone.now() + timedelta(days=14))
    accepted_at = LazyFunction(timezone.now)


class OwnershipTransferFactory(DjangoModelFactory):
    """An offer to a member, who has not answered."""

    class Meta:
        model = OwnershipTransfer

    membership = SubFactory(MembershipFactory)
    account = LazyAttribute(lambda transfer: transfer.membership.account)
    offered_by = LazyAttribute(lambda transfer: transfer.account.owner)
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(days=3))


def active_account(**given: Any) -> TradingAccount:
    """An account as a login leaves it: proven credentials, a live session, a broker user of its own."""
    account: TradingAccount = TradingAccountFactory.create(**given)
    now = timezone.now()
    CredentialVersionFactory.create(
        account=account, number=1, status=CredentialStatus.CURRENT, proven_at=now
    )
    session = BrokerSessionFactory.create(account=account)
    account.status = AccountStatus.ACTIVE
    account.broker_user_hash = broker_user_hash(account.broker, f"user of {account.pk}")
    account.linked_at = now
    account.reauth_by = session.expires_at
    account.save()
    return account
