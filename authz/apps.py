from celery.signals import worker_process_shutdown
from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuthzConfig(AppConfig):
    name = "authz"
    verbose_name = _("Decisions")

    def ready(self) -> None:
        from audit.searches import roles as held_roles  # noqa: PLC0415
        from authz import privacy  # noqa: PLC0415
        from authz.attributes import register  # noqa: PLC0415 - models are ready only now
        from authz.directories import register_narrowing  # noqa: PLC0415
        from authz.metrics import policy_facts  # noqa: PLC0415
        from authz.receivers import (  # noqa: PLC0415
            after_migrate,
            renew_stamps,
            write_down_decisions,
        )
        from authz.role_attributes import RoleAttributes, holding  # noqa: PLC0415
        from authz.schedule import register_periodic_tasks  # noqa: PLC0415
        from authz.services.roles import roles_of  # noqa: PLC0415
        from config.telemetry.metrics import register_facts  # noqa: PLC0415
        from events.signals import domain_event  # noqa: PLC0415

        worker_process_shutdown.connect(
            write_down_decisions, dispatch_uid="authz.decision_records", weak=False
        )
        domain_event.connect(renew_stamps, dispatch_uid="authz.stamps")
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="authz.after_migrate")
        held_roles.register(roles_of)
        register("user", RoleAttributes())
        register_narrowing("user", holding)
        register_facts(policy_facts)
        register_periodic_tasks()
        privacy.declare()
