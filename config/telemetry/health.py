"""Is everything there that we need: probes, asked all at once, none of them for longer than a deadline."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from django.conf import settings
from django.db import connections

from config.telemetry.redaction import redact_text

logger = structlog.get_logger(__name__)

State = Literal["ok", "off", "failed"]
Overall = Literal["ok", "degraded", "unavailable"]

# Raises when what it probes cannot be used. May return facts for people with a right to see them.
Check = Callable[[], Mapping[str, Any] | None]


class NotSetUpError(Exception):
    """Raised by a check of something that nobody set up and that we work without: `off`, and nothing is wrong."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one probe found. `error` and `facts` are not for strangers."""

    name: str
    state: State
    critical: bool
    milliseconds: float
    error: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What all probes found."""

    findings: tuple[Finding, ...]

    @property
    def overall(self) -> Overall:
        """`unavailable` when a critical probe failed, `degraded` when only others did."""
        failed = [finding for finding in self.findings if finding.state == "failed"]
        if any(finding.critical for finding in failed):
            return "unavailable"
        return "degraded" if failed else "ok"


class Probe:
    """One check and, while it runs, its thread. A check that hangs is not started again beside itself."""

    def __init__(self, name: str, check: Check, *, critical: bool) -> None:
        self.name = name
        self.check = check
        self.critical = critical
        self._run: _Run | None = None

    def begin(self) -> "_Run":
        """The run under way, or a new one."""
        if self._run is None or self._run.finished.is_set():
            self._run = _Run(self)
        return self._run


class _Run:
    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.finished = threading.Event()
        self._began = time.monotonic()
        self._finding: Finding
        # Not a pool: its threads are waited for at exit, and one that hangs would hold the process up.
        threading.Thread(target=self._work, name=f"probe-{probe.name}", daemon=True).start()

    def finding(self, *, deadline: float) -> Finding:
        """What it found, or that it had found nothing at `deadline` (of `time.monotonic()`)."""
        if self.finished.wait(max(0.0, deadline - time.monotonic())):
            return self._finding
        return self._as_finding("failed", error="no answer in time")

    def _work(self) -> None:
        try:
            facts = self.probe.check() or {}
            self._finding = self._as_finding("ok", facts=facts)
        except NotSetUpError as error:
            self._finding = self._as_finding("off", error=str(error))
        except BaseException as error:  # whatever it is, it ends here with the thread
            logger.warning("probe_failed", probe=self.probe.name, exc_info=True)
            self._finding = self._as_finding(
                "failed", error=redact_text(f"{type(error).__name__}: {error}")
            )
        finally:
            connections.close_all()
            self.finished.set()

    def _as_finding(
        self, state: State, *, error: str = "", facts: Mapping[str, Any] | None = None
    ) -> Finding:
        return Finding(
            name=self.probe.name,
            state=state,
            critical=self.probe.critical,
            milliseconds=round((time.monotonic() - self._began) * 1000, 2),
            error=error,
            facts=facts or {},
        )


class Health:
    """The probes of a process, and for a moment what they found."""

    def __init__(self) -> None:
        self._probes: dict[str, Probe] = {}
        self._lock = threading.Lock()
        self._report = Report(findings=())
        self._stale_at = 0.0

    def register(self, name: str, check: Check, *, critical: bool = True) -> None:
        """Ask `check` from now on. The last one registered under a name is the one that counts."""
        with self._lock:
            self._probes[name] = Probe(name, check, critical=critical)
            self._stale_at = 0.0

    def report(self) -> Report:
        """What the probes find now, or found within `health_cache_lifetime` seconds.

        Takes `health_probe_timeout` seconds at most; callers that come meanwhile share the answer.
        """
        with self._lock:
            if time.monotonic() >= self._stale_at:
                deadline = time.monotonic() + settings.ENVIRONMENT.health_probe_timeout
                runs = [probe.begin() for probe in self._probes.values()]
                self._report = Report(
                    findings=tuple(run.finding(deadline=deadline) for run in runs)
                )
                self._stale_at = time.monotonic() + settings.ENVIRONMENT.health_cache_lifetime
            return self._report


HEALTH = Health()


def register_probe(name: str, check: Check, critical: bool = True) -> None:
    """Have `/readyz` and `/health` ask `check` under `name`; called from an app's `ready()`.

    `check` raises when what it looks at cannot be used, and may return facts that only `/health` shows, to
    people with a right to see them; `NotSetUpError` says that nobody set it up. When a critical one fails we are
    not ready (503), else we are degraded.
    """
    HEALTH.register(name, check, critical=critical)
