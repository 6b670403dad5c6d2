"""Settings: people's right to their data."""

from pathlib import Path

from pydantic import Field

from config.settings.sections.section import PROJECT_ROOT, Day, Hour, Section


class Privacy(Section):
    """People's right to their data"""

    privacy_request_due: int = Field(
        30 * Day, ge=Day, description="How long we may take to meet a person's request."
    )
    archive_dir: Path = Field(
        PROJECT_ROOT / ".devstack" / "archives",
        description="Where archives of people's data wait to be fetched; of several machines, a folder that all share.",
    )
    archive_lifetime: int = Field(
        1 * Day, ge=Hour, le=7 * Day, description="How long an archive can be fetched."
    )
    job_retention: int = Field(90 * Day, ge=Day, description="How long ended jobs are kept.")
    console_log_retention: int = Field(
        365 * Day, ge=Day, description="How long the console remembers what staff changed there."
    )
