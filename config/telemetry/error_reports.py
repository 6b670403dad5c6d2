"""Django's own error reports, should anybody switch them on: no locals, and everything through the filter."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from config.telemetry.redaction import REDACTED, is_secret_key, redact, redact_text


class RedactingReporterFilter(SafeExceptionReporterFilter):
    """`DEFAULT_EXCEPTION_REPORTER_FILTER`. It is in force whatever `DEBUG` says."""

    cleansed_substitute = REDACTED

    def cleanse_setting(self, key: int | str, value: Any) -> Any:
        if is_secret_key(str(key)):
            return REDACTED
        cleansed = super().cleanse_setting(key, value)
        return redact(cleansed, key=str(key)) if isinstance(cleansed, str) else cleansed

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """The names of what was posted: values of forms are people's own."""
        if request is None:
            return {}
        names = QueryDict(mutable=True)
        for name in request.POST:
            names[redact_text(name)] = REDACTED
        return names

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        no_locals: dict[str, Any] = {}
        return no_locals.items()


class RedactingReporter(ExceptionReporter):
    """`DEFAULT_EXCEPTION_REPORTER`: the query and the text of the exception pass the filter too."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        if self.request is not None:
            data["request_GET_items"] = redact(self.request.GET.dict()).items()
            data["request_FILES_items"] = ()
        for name in ("request_insecure_uri", "exception_value", "exception_notes", "user_str"):
            if data.get(name):
                data[name] = redact_text(data[name])
        return data

    def get_traceback_html(self) -> SafeString:
        return _line_by_line(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        return _line_by_line(super().get_traceback_text())


def _line_by_line(text: str) -> SafeString:
    """So that a long report is not cut."""
    return SafeString("".join(redact_text(line) for line in text.splitlines(keepends=True)))
