from django.apps import AppConfig
from django.db.models.signals import pre_migrate
from django.utils.translation import gettext_lazy as _


class TradingConfig(AppConfig):
    name = "trading"
    verbose_name = _("Brokers")

    def ready(self) -> None:
        # Models are ready only now.
        from accounts import finding as people  # noqa: PLC0415
        from accounts.pages.sections import Section  # noqa: PLC0415
        from accounts.pages.sections import register as register_section  # noqa: PLC0415
        from accounts.services.preferences import register_reachable_accounts  # noqa: PLC0415
        from accounts.services.tokens import register_account_ids  # noqa: PLC0415
        from authz.attributes import register  # noqa: PLC0415
        from authz.directories import (  # noqa: PLC0415
            register_actions,
            register_directory,
            register_narrowing,
        )
        from authz.names import register_naming  # noqa: PLC0415
        from config.reversals import refuse_reversals  # noqa: PLC0415
        from config.telemetry.metrics import register_facts  # noqa: PLC0415
        from config.vault.erasures import after_replay  # noqa: PLC0415
        from trading import (  # noqa: PLC0415
            attributes,
            directories,
            finding,
            periodic,
            privacy,
            reach,
            receivers,  # noqa: F401
            tasks,  # noqa: F401 - services send them by their names
        )
        from trading.facts import trading_facts  # noqa: PLC0415
        from trading.services.access import ACTIONS  # noqa: PLC0415
        from trading.services.unlinking import redo  # noqa: PLC0415

        register("trading_account", attributes.TradingAccountAttributes())
        register("user", attributes.MembershipAttributes())
        register_directory("trading_account", directories.trading_accounts())
        register_naming("trading_account", directories.names_of_accounts())
        register_narrowing("user", directories.person)
        register_actions(*ACTIONS)
        register_account_ids(reach.account_ids)
        register_reachable_accounts(reach.is_reachable)
        register_facts(trading_facts)
        people.register(finding.owners)
        register_section(
            Section(
                title=_("Brokers"),
                text=_("Accounts at brokers that you have linked or share"),
                view="brokers",
                rank=30,
            )
        )
        register_section(
            Section(
                title=_("Sharing"),
                text=_("Invitations, and with whom accounts are shared"),
                view="sharing",
                rank=40,
            )
        )
        after_replay("trading_account", redo)
        pre_migrate.connect(refuse_reversals, sender=self)
        periodic.register()
        privacy.declare()
