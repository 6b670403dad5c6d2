"""What workers do for the jobs themselves."""

from celery import shared_task

from config.jobs import services


@shared_task
def resume_abandoned() -> int:
    return services.resume_abandoned()
