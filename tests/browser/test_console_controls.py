"""What moves in the console, moved as a person does: unfold's controls without a script that is evaluated."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.services.console_link import ensure_admin
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from config.http.console import ConsoleAdmin

PHONE, DESK, WIDE = (
    {"width": 390, "height": 844},
    {"width": 1366, "height": 800},
    {"width": 1800, "height": 900},
)
PEOPLE = "/console/accounts/user/"
SCHEME = "document.documentElement.classList.contains('dark') ? 'dark' : 'light'"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def console(page: Page, site: str) -> Page:
    """The console, open for the first administrator."""
    ensure_admin()
    who = User.objects.get(email="admin@gatehouse.example")
    cookie = sign_in_browser(who).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])
    return page


def test_the_theme_is_chosen_from_the_persons_menu_and_remembered(console: Page) -> None:
    console.set_viewport_size(DESK)  # type: ignore[arg-type]
    console.goto("/console/")
    light = console.evaluate(BACKGROUND)
    expect(console.get_by_text("Dark", exact=True)).to_be_hidden()
    console.locator("#nav-sidebar").get_by_text("admin@gatehouse.example").last.click()
    console.get_by_text("Dark", exact=True).click()
    console.wait_for_function(f"{BACKGROUND} !== '{light}'")
    console.reload()
    assert console.evaluate(SCHEME) == "dark"
    console.keyboard.press("Control+e")
    console.wait_for_function(f"{SCHEME} === 'light'")
    assert console.evaluate(BACKGROUND) == light


def test_a_click_elsewhere_closes_the_persons_menu(console: Page) -> None:
    console.set_viewport_size(DESK)  # type: ignore[arg-type]
    console.goto("/console/")
    console.locator("#nav-sidebar").get_by_text("admin@gatehouse.example").last.click()
    expect(console.get_by_text("Dark", exact=True)).to_be_visible()
    console.get_by_role("heading", level=1).click()
    expect(console.get_by_text("Dark", exact=True)).to_be_hidden()


def test_the_sidebar_opens_on_a_phone_and_is_put_away_on_a_desk(console: Page) -> None:
    console.set_viewport_size(PHONE)  # type: ignore[arg-type]
    console.goto(PEOPLE)
    sidebar = console.locator("#nav-sidebar")
    expect(sidebar).to_be_hidden()
    console.get_by_text("dock_to_right").locator("visible=true").click()
    expect(sidebar.get_by_role("link", name="Sessions")).to_be_visible()
    sidebar.get_by_text("close", exact=True).click()
    expect(sidebar).to_be_hidden()

    console.set_viewport_size(DESK)  # type: ignore[arg-type]
    expect(sidebar).to_be_visible()
    console.get_by_text("dock_to_right").locator("visible=true").click()
    expect(sidebar).to_be_hidden()
    console.reload()
    expect(console.get_by_role("heading", level=1)).to_be_visible()
    expect(sidebar).to_be_hidden()


def test_filters_open_as_a_sheet_and_narrow_the_list(console: Page) -> None:
    UserFactory.create(email="meera@example.com", status="suspended")
    console.set_viewport_size(PHONE)  # type: ignore[arg-type]
    console.goto(PEOPLE)
    sheet = console.locator("#changelist-filter")
    expect(sheet).to_be_hidden()
    console.locator("a", has_text="Filters").click()
    expect(sheet).to_be_visible()
    console.locator("#changelist-filter-close").click(position={"x": 10, "y": 10})
    expect(sheet).to_be_hidden()
    console.locator("a", has_text="Filters").click()
    sheet.get_by_role("link", name="suspended").click()
    console.wait_for_url("**status__exact=suspended")
    expect(console.locator("#result_list tbody")).to_have_count(1)


def test_an_action_offers_itself_once_a_row_is_ticked_and_chosen(console: Page) -> None:
    UserFactory.create(email="meera@example.com")
    console.set_viewport_size(WIDE)  # type: ignore[arg-type]
    console.goto(PEOPLE)
    bar, run = console.locator("#changelist-actions"), console.get_by_role("button", name="Run")
    expect(bar).to_be_hidden()
    console.locator("tr", has_text="meera@example.com").locator("input.action-select").check()
    expect(bar).to_be_visible()
    list_width = console.locator("#result_list").bounding_box()
    bar_width = bar.bounding_box()
    assert list_width and bar_width and abs(bar_width["width"] - list_width["width"]) < 20
    expect(run).to_be_hidden()
    bar.get_by_role("combobox").select_option("suspend")
    run.click()
    expect(console.get_by_role("heading", level=1, name="Suspend")).to_be_visible()


def test_pages_are_searched_from_the_sidebar_with_the_keyboard(console: Page) -> None:
    console.set_viewport_size(DESK)  # type: ignore[arg-type]
    console.goto("/console/")
    box = console.get_by_label("Filter navigation items")
    console.keyboard.press("t")
    expect(box).to_be_focused()
    box.press_sequentially("sess")
    found = console.locator("#search-results")
    expect(found.get_by_role("link", name="Sessions")).to_be_visible()
    box.press("Escape")
    expect(found).to_be_hidden()
    expect(box).to_have_value("")
    box.press("Escape")
    expect(box).not_to_be_focused()
    console.keyboard.press("Control+k")
    console.get_by_placeholder("Type to search").press_sequentially("sess")
    expect(console.locator("#command-results").get_by_role("link", name="Sessions")).to_be_visible()
    console.keyboard.press("ArrowDown")
    console.keyboard.press("Enter")
    console.wait_for_url("**/console/accounts/session/")


def test_a_person_and_an_end_are_picked_for_a_role(console: Page) -> None:
    UserFactory.create(email="meera@example.com", name="Meera Nair")
    console.set_viewport_size(DESK)  # type: ignore[arg-type]
    console.goto("/console/authz/rolegrant/add/")
    console.get_by_role("combobox").first.click()
    console.locator(".select2-search__field").press_sequentially("meera")
    console.get_by_role("option", name="meera").click()
    expect(console.locator(".select2-selection__rendered").first).to_contain_text("meera")
    console.locator("a[id^=calendarlink]").first.click()
    console.locator(".calendarbox").get_by_role("link", name="Tomorrow").click()
    assert console.locator(".vDateField").input_value()


def test_the_next_page_of_a_list_is_followed(
    console: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ConsoleAdmin, "list_per_page", 2)
    UserFactory.create_batch(3)
    console.set_viewport_size(DESK)  # type: ignore[arg-type]
    console.goto(PEOPLE)
    expect(console.locator("#result_list tbody")).to_have_count(2)
    console.get_by_role("link", name="2", exact=True).click()
    console.wait_for_url("**?p=2")


def test_the_contract_is_read_as_a_page(page: Page) -> None:
    page.goto("/v1/docs")
    expect(page.get_by_role("heading", name="Gatehouse")).to_be_visible()
    page.locator(".opblock-summary").first.click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()
