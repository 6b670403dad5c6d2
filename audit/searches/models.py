"""Searches of the console's lists that staff keep under a name."""

from collections.abc import Collection
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel

LONGEST_QUERY = 1_000


class Page(models.TextChoices):
    """The lists whose searches can be saved, by the models that they are of."""

    PEOPLE = "accounts.user", _("People")
    ACCOUNTS = "trading.tradingaccount", _("Broker accounts")
    TRAIL = "audit.authevent", _("Trail")


class SavedSearchQuerySet(FoundByPublicId, models.QuerySet["SavedSearch"]):
    def on(self, page: str) -> Self:
        return self.filter(page=page)

    def owned_by(self, user_id: UUID) -> Self:
        return self.filter(owner_id=user_id)

    def visible_to(self, user_id: UUID, roles: Collection[str]) -> Self:
        """One's own, and what others share with a role that one holds."""
        return self.filter(Q(owner_id=user_id) | Q(shared_with__in=roles) & ~Q(shared_with=""))


class SavedSearch(IdentifiedModel):
    """`query` is the list's own query string; `shared_with` is the name of a role, empty for a private search."""

    PREFIX = "srh"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    page = models.CharField(_("list"), max_length=32, choices=Page.choices)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("query"), max_length=LONGEST_QUERY)
    shared_with = models.CharField(_("shared with the role"), max_length=64, blank=True)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(page__in=Page.values), name="saved_search_page_known"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(query=""), name="saved_search_is_whole"
            ),
            models.UniqueConstraint(
                fields=["owner", "page", "name"], name="saved_search_name_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["page", "shared_with"],
                condition=~Q(shared_with=""),
                name="saved_search_shared",
            )
        ]

    def __str__(self) -> str:
        return self.name
