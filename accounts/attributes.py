"""What policies may ask about a person and a service client."""

from collections.abc import Collection, Mapping

from accounts.models import ServiceClient, User
from authz.attributes import Attributes
from mfa.services import factors


class PersonAttributes:
    """By public id, in two queries however many are asked for."""

    names = frozenset({"status", "verified", "mfa", "locale"})

    def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
        keys = {key: public for public in ids if (key := User.parse_id(public)) is not None}
        protected = factors.enrolled_among(keys)
        return {
            keys[user.pk]: Attributes(
                {
                    "status": user.status,
                    "verified": user.email_verified_at is not None,
                    "mfa": user.pk in protected,
                    "locale": user.locale,
                }
            )
            for user in User.objects.filter(pk__in=keys)
        }


class ServiceAttributes:
    """By client id."""

    names = frozenset({"enabled", "scopes"})

    def load(self, ids: Collection[str]) -> Mapping[str, Attributes]:
        return {
            client.client_id: Attributes(
                {"enabled": client.enabled, "scopes": sorted(client.scopes)}
            )
            for client in ServiceClient.objects.filter(client_id__in=ids)
        }
