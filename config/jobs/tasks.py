"""What workers do for the jobs themselves."""

from celery import shared_task

from config.jobs import retention, services


@shared_task
def resume_abandoned() -> int:
    return services.resume_abandoned()


@shared_task
def forget_run_out() -> int:
    return retention.forget_run_out()
