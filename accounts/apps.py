from django.apps import AppConfig
from django.db.models.signals import pre_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import attributes, directories, privacy, receivers  # noqa: F401, PLC0415 - models are ready now
        from accounts.api.authentication import TokenAuthenticator  # noqa: PLC0415
        from accounts.breached import checks  # noqa: F401, PLC0415
        from accounts.console import way_to_prove  # noqa: PLC0415
        from accounts.health import signing_key  # noqa: PLC0415
        from accounts.metrics import (  # noqa: PLC0415
            register_session_facts,
            register_signing_key_facts,
        )
        from accounts.schedule import register_periodic_tasks  # noqa: PLC0415
        from accounts.services.erasure import redo  # noqa: PLC0415
        from accounts.services.restored_sessions import end_every_one  # noqa: PLC0415
        from authz.api import callers  # noqa: PLC0415
        from authz.attributes import register  # noqa: PLC0415
        from authz.directories import register_directory  # noqa: PLC0415
        from authz.names import register_naming  # noqa: PLC0415
        from config.backup.steps import after_restore  # noqa: PLC0415
        from config.http import proof  # noqa: PLC0415
        from config.reversals import refuse_reversals  # noqa: PLC0415
        from config.telemetry.health import register_probe  # noqa: PLC0415
        from config.vault.erasures import after_replay  # noqa: PLC0415
        from events import subscribers  # noqa: PLC0415

        pre_migrate.connect(refuse_reversals, sender=self)
        after_replay("user", redo)
        after_restore("sessions", end_every_one)
        callers.register(TokenAuthenticator())
        proof.register(way_to_prove)
        subscribers.register(directories.readers_of_events)
        register_directory("user", directories.people())
        register_directory("service", directories.clients())
        register_naming("user", directories.names_of_people())
        register_naming("service", directories.names_of_clients())
        register("user", attributes.PersonAttributes())
        register("service", attributes.ServiceAttributes())
        register_session_facts()
        register_signing_key_facts()
        register_probe("signing_key", signing_key)
        register_periodic_tasks()
        privacy.declare()
        self._register_sections()

    @staticmethod
    def _register_sections() -> None:
        from accounts.pages.sections import Section, register  # noqa: PLC0415

        for rank, view, title, text in (
            (0, "my-account", _("Overview"), ""),
            (10, "profile", _("Profile"), _("Your name, phone, clock, language and mails")),
            (20, "security", _("Security"), _("Passkeys, authenticator app and backup codes")),
            (50, "my-api-keys", _("API keys"), _("For programs that act in your name")),
            (60, "my-activity-page", _("Activity"), _("What happened to your account, and when")),
            (
                70,
                "my-data",
                _("My data"),
                _("Have a copy of what we hold of you, or have it erased"),
            ),
        ):
            register(Section(rank=rank, view=view, title=title, text=text))
