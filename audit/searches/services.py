"""Saving a search of a list, and deleting it."""

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from audit.events import SearchDeleted, SearchSaved
from audit.searches.errors import SearchNameTakenError, SearchNotFoundError, TooManySearchesError
from audit.searches.models import Page, SavedSearch
from audit.searches.roles import roles_of
from config.http.problems import FieldError, ForbiddenError, InvalidRequestError
from config.locking import alone
from config.violations import violated
from events.domain import emit


def save(
    *, owner_id: UUID, page: Page, name: str, query: str, shared_with: str = ""
) -> SavedSearch:
    """Keep `query` under a name, for its owner alone or for all who hold the role `shared_with`, which the owner has to
    hold too.

    Raises InvalidRequestError, ForbiddenError, SearchNameTakenError, TooManySearchesError.
    """
    if not query:
        raise InvalidRequestError(
            errors=[FieldError("query", "blank", "There is nothing to save.")]
        )
    if shared_with and shared_with not in roles_of(owner_id):
        raise ForbiddenError("One shares with a role that one holds.")
    most = settings.ENVIRONMENT.saved_searches_most
    try:
        with transaction.atomic():
            alone("audit.searches", str(owner_id))
            if SavedSearch.objects.owned_by(owner_id).count() >= most:
                raise TooManySearchesError
            search = SavedSearch.objects.create(
                owner_id=owner_id, page=page, name=name, query=query, shared_with=shared_with
            )
            emit(
                SearchSaved(
                    search_id=search.public_id, name=name, page=page.value, shared_with=shared_with
                )
            )
    except IntegrityError as error:
        if violated(error) != "saved_search_name_once":
            raise
        raise SearchNameTakenError from None
    return search


def delete(*, owner_id: UUID, search_id: UUID) -> None:
    """Delete a search of one's own, for all who share it. Raises SearchNotFoundError."""
    with transaction.atomic():
        mine = SavedSearch.objects.owned_by(owner_id).select_for_update()
        search = mine.filter(pk=search_id).first()
        if search is None:
            raise SearchNotFoundError
        emit(
            SearchDeleted(
                search_id=search.public_id,
                name=search.name,
                page=search.page,
                shared_with=search.shared_with,
            )
        )
        search.delete()
