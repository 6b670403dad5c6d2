"""The base of every console page: unfold's ModelAdmin, opened by our scopes instead of Django's permissions."""

import json
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext
from unfold import fields as unfold_fields
from unfold.admin import ModelAdmin

from config.http.estimated_pages import EstimatedPaginator
from config.http.problems import ProblemError
from config.replicas import reading

NOTHING = "-"  # as unfold writes it
OF_A_PERSON = "__email"
MOST_PEOPLE = 1_000  # whose rows one search shows


def holds(request: HttpRequest, scope: str) -> bool:
    """Whether the person at the console holds `scope` through a role of theirs."""
    has_scope = getattr(request.user, "has_scope", None)
    return bool(scope and has_scope is not None and has_scope(scope))


def told(problem: ProblemError) -> str:
    """A refusal in one line for whoever is at the console."""
    return " ".join([problem.detail or problem.title, *(error.detail for error in problem.errors)])


def as_json(value: Any) -> str:
    """A document as a person reads it, on a page of any width."""
    return readable_json(value)


def readable_json(value: Any, encoder: type[json.JSONEncoder] | None = None) -> str:
    """`as_json` of a field that has an encoder of its own."""
    if value in (None, "", [], {}):
        return NOTHING
    text = json.dumps(value, indent=2, ensure_ascii=False, cls=encoder)
    return format_html('<pre class="console-json">{}</pre>', text)


# Where Pygments happens to be installed, unfold colours documents with a style in every word, which no page of ours may
# have (docs/adr/0210). Ours are plain, and alike everywhere.
unfold_fields.prettify_json = readable_json


def told_below_the_name(request: HttpRequest) -> str:
    """What the console is for, short enough for the sidebar."""
    return gettext("People, policies, brokers")


def console_styles(request: HttpRequest) -> str:
    """The stylesheet of ours that every page of the console has besides unfold's."""
    return static("http/console.css")


def console_script(request: HttpRequest) -> str:
    """And the script."""
    return static("http/console.js")


def console_expressions(request: HttpRequest) -> str:
    """What unfold's templates say to Alpine, where Alpine may not evaluate (docs/adr/0210)."""
    return static("http/console-expressions.js")


def without_inline_styles(request: HttpRequest) -> dict[str, Any]:
    """Unfold's GLOBAL_CALLBACK: its colours stand in our stylesheet, not in each page."""
    return {"colors": None}


def _people(term: str) -> list[Any]:
    """The keys of the newest people whom `term` finds."""
    people: Any = get_user_model()._default_manager
    return list(people.search(term).order_by("-pk").values_list("pk", flat=True)[:MOST_PEOPLE])


def _parameter_of(item: Any) -> str:
    """The query parameter, or the field it begins with, of one entry of a `list_filter`."""
    if isinstance(item, type):
        return str(getattr(item, "parameter_name", ""))
    return item if isinstance(item, str) else str(item[0])


class ConsoleAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows are seen with `view_scope` and changed with `change_scope`; without the latter nothing can be.

    Rows are never deleted from the console, and added only where a subclass says so. Long lists are not counted to the
    last row, and not paged to it.
    """

    view_scope: ClassVar[str] = ""
    change_scope: ClassVar[str] = ""
    addable: ClassVar[bool] = False
    when_empty: ClassVar[Any] = ""  # what it means that there is nothing, and where it comes from
    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lists may be a little old, and show whoever looks their own changes; what actions do never is."""

        def listed() -> HttpResponse:
            page: HttpResponse = super(ConsoleAdmin, self).changelist_view(request, extra_context)
            return page

        if request.method != "GET":
            return listed()
        shown: HttpResponse = reading.page(listed, self.model)
        return shown

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row that an address names. Raises Http404, also for what no key looks like."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """A list that nothing narrows is whole: "Show all" is offered where there is more than is shown."""
        listed: Any = super().get_changelist_instance(request)
        if not (listed.query or listed.has_active_filters):
            listed.full_result_count = listed.result_count
        return listed

    def not_there(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """As Django answers for a row that is not there: to the start page, with a message that says so."""
        gone: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return gone

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """People are looked for among people (`…__email`), and then rows by whose they are. Joined, the search would
        read both tables whole.
        """
        term = search_term.strip()
        of_people = [name for name in self.search_fields if name.endswith(OF_A_PERSON)]
        if not (term and of_people):
            found: tuple[QuerySet[Any], bool] = super().get_search_results(
                request, queryset, search_term
            )
            return found
        people = _people(term)
        wanted = Q(pk__in=[])
        for name in self.search_fields:
            if name in of_people:
                wanted |= Q((f"{name.removesuffix(OF_A_PERSON)}__in", people))
            else:
                wanted |= Q((name if "__exact" in name else f"{name}__icontains", term))
        return queryset.filter(wanted), False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only by what a filter offers: a list never becomes a way to guess columns that it does not show."""
        offered = {_parameter_of(item) for item in self.list_filter}
        return lookup.partition("__")[0] in offered and bool(
            super().lookup_allowed(lookup, value, request)
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.view_scope)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return holds(request, self.view_scope)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return holds(request, self.change_scope)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.addable and holds(request, self.change_scope)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
