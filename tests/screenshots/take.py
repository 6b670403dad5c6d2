"""The pictures in the documentation, of the made-up people: `python -m tests.screenshots.take`, a minute.

It starts a stack of its own, so what is shown is what the code at hand shows.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.settings.sections.section import PROJECT_ROOT
from tests.proofs.served import served

FOLDER = PROJECT_ROOT / "docs" / "images"
LARGEST = 150_000  # bytes of one picture: they are kept in the repository
SIZE, SMALL, PHONE = (1280, 880), (900, 560), (390, 844)


@dataclass(frozen=True)
class Picture:
    name: str
    who: str
    path: str
    size: tuple[int, int] = SIZE
    language: str = "en"


def main() -> None:
    """Raises SystemExit when a picture is too large to be kept."""
    with served(DEMO_DATA="true") as stack:
        os.environ.update(stack.environment, DJANGO_ALLOW_ASYNC_UNSAFE="true")
        import django

        django.setup()
        take(f"http://localhost:{stack.port}")


def take(site: str) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium

    with sync_playwright() as playwright:
        program = chromium.find(playwright)
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for picture in pictures():
            width, height = picture.size
            context = browser.new_context(
                base_url=site, viewport={"width": width, "height": height}, locale="en-GB"
            )
            context.add_cookies(
                [
                    {"name": "sessionid", "value": _cookie_of(picture.who), "url": site},
                    {"name": "language", "value": picture.language, "url": site},
                ]
            )
            page = context.new_page()
            page.goto(picture.path)
            page.wait_for_load_state("networkidle")
            _keep(picture.name, page.screenshot())
            context.close()
        browser.close()


def pictures() -> Iterator[Picture]:
    from accounts.models import Session
    from accounts.services.console_link import ADMIN_EMAIL
    from authz.models import Policy
    from demo.people import FIRST

    robbed = Session.objects.filter(risk_score=85).latest("created_at").user_id
    policy = Policy.objects.get(name="large-orders-need-a-second-factor").pk
    yield Picture("dashboard", ADMIN_EMAIL, "/console/?span=30d")
    yield Picture("person", ADMIN_EMAIL, f"/console/accounts/user/{robbed}/change/")
    yield Picture("policy", ADMIN_EMAIL, f"/console/authz/policy/{policy}/change/")
    yield Picture("brokers", FIRST, "/accounts/brokers", SMALL)
    yield Picture("account", FIRST, "/accounts/", SMALL)
    yield Picture("account-hindi", FIRST, "/accounts/", PHONE, "hi")
    yield Picture("activity", FIRST, "/accounts/activity", SMALL)
    yield Picture("new-key", FIRST, "/accounts/api-keys/new", SMALL)


def _cookie_of(email: str) -> str:
    """Of somebody who has just proved two factors."""
    from accounts.models import User
    from accounts.tests.browsers import sign_in_browser

    return str(sign_in_browser(User.objects.get(email=email)).cookies["sessionid"].value)


def _keep(name: str, png: bytes) -> None:
    path: Path = FOLDER / f"{name}.png"
    if len(png) > LARGEST:
        raise SystemExit(f"{path.name} would have {len(png):,} bytes: more than {LARGEST:,}.")
    path.write_bytes(png)
    print(f"{path.relative_to(PROJECT_ROOT)}: {len(png):,} bytes")


if __name__ == "__main__":
    main()
