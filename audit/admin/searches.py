"""Lists whose searches can be saved: above them are those that one may open, with what one may do."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from audit.searches import services
from audit.searches.models import LONGEST_QUERY, Page, SavedSearch
from audit.searches.roles import roles_of
from config.http.console import ConsoleAdmin, told
from config.http.problems import ProblemError

NOT_PART_OF_A_SEARCH = (
    "p",
    "all",
    "e",
    "_changelist_filters",
)  # pages and marks of the list itself


class SearchForm(forms.Form):
    """A name, and for whom."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    shared_with = forms.ChoiceField(label=_("For"), required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, roles: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = [(role, _("all who hold the role %s") % role) for role in sorted(roles)]
        self.fields["shared_with"].choices = [("", _("me alone")), *shared]  # type: ignore[attr-defined]


class SearchableAdmin(ConsoleAdmin):
    """A list that is one of `audit.searches.models.Page`."""

    list_before_template = "console/saved_searches.html"

    @property
    def page(self) -> Page:
        return Page(self.model._meta.label_lower)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        query = searched(request.GET)
        save = f"{self._address('save_search')}?{query}" if query else ""
        context = dict(extra_context or {})
        if request.method == "GET" and self.has_view_permission(request):
            context |= {"searches": self._visible(request), "searched": query, "save": save}
        page: HttpResponse = super().changelist_view(request, context)
        return page

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        name = f"{self.model._meta.app_label}_{self.model._meta.model_name}"
        return [
            path("searches/new/", view(self.save_search), name=f"{name}_save_search"),
            path(
                "searches/<uuid:pk>/delete/",
                view(self.delete_search),
                name=f"{name}_delete_search",
            ),
            *super().get_urls(),
        ]

    def save_search(self, request: HttpRequest) -> HttpResponse:
        """Asks for a name; the search is what the address has behind its question mark."""
        self._require_view(request)
        query = searched(request.GET)
        person: Any = request.user
        posted = request.POST if request.method == "POST" else None
        form = SearchForm(posted, roles=roles_of(person.pk))
        back = f"{self._address('changelist')}?{query}"
        if posted is not None and form.is_valid():
            try:
                services.save(owner_id=person.pk, page=self.page, query=query, **form.cleaned_data)
            except ProblemError as problem:
                form.add_error(None, told(problem))
            else:
                messages.success(request, _("The search is saved."))
                return HttpResponseRedirect(back)
        page = {
            **self.admin_site.each_context(request),
            "title": _("Save the search"),
            "explanation": _("It finds what it finds when somebody opens it: %s") % query,
            "form": form,
            "back": back,
        }
        return render(request, "console/form.html", page)

    def delete_search(self, request: HttpRequest, pk: Any) -> HttpResponse:
        self._require_view(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        person: Any = request.user
        try:
            services.delete(owner_id=person.pk, search_id=pk)
        except ProblemError as problem:
            messages.error(request, told(problem))
        else:
            messages.success(request, _("The search is deleted."))
        return HttpResponseRedirect(self._address("changelist"))

    def _visible(self, request: HttpRequest) -> list[dict[str, Any]]:
        person: Any = request.user
        found = SavedSearch.objects.on(self.page).visible_to(person.pk, roles_of(person.pk))
        return [
            {
                "search": each,
                "address": f"?{each.query}",
                "delete": self._address("delete_search", each.pk)
                if each.owner_id == person.pk
                else "",
            }
            for each in found
        ]

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _address(self, view: str, *args: Any) -> str:
        options = self.model._meta
        return reverse(f"admin:{options.app_label}_{options.model_name}_{view}", args=args)


def searched(query: QueryDict) -> str:
    """The part of a list's query that is a search, in one order; empty where there is none, or one too long to keep."""
    kept = QueryDict(mutable=True)
    for name in sorted(query):
        values = [value for value in query.getlist(name) if value]
        if values and name not in NOT_PART_OF_A_SEARCH:
            kept.setlist(name, values)
    text = kept.urlencode()
    return text if len(text) <= LONGEST_QUERY else ""
