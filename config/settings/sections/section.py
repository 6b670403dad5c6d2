"""What the sections of the settings share."""

from pathlib import Path

from pydantic_settings import BaseSettings, NoDecode

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent.parent

Minute, Hour, Day = 60, 3600, 86_400
CommaSeparated = NoDecode


class Section(BaseSettings):
    """Variables that belong together. The docstring of a section is its heading; times are in seconds."""
