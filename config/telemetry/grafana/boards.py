"""The dashboards: one for each thing that somebody on duty looks after. Every metric of ours is on one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.telemetry.grafana.panels import Panel, as_grafana, quantiles, rate, share, state

SCHEMA = 39  # of Grafana 10 and newer
RESPONSES = "django_http_responses_total_by_status_view_method_total"
LATENCY = "django_http_requests_latency_seconds_by_view_method"


@dataclass(frozen=True, kw_only=True)
class Board:
    name: str
    title: str
    panels: Sequence[Panel]


SERVICE = Board(
    name="service",
    title="Gatehouse: the service",
    panels=[
        rate("Answers by status", RESPONSES, "status"),
        quantiles("Time to answer", LATENCY),
        share(
            "Answers that are our fault", f'{RESPONSES}{{status=~"5.."}}', RESPONSES, level=0.001
        ),
        rate("Problems by type", "gatehouse_problems_total", "type"),
        rate("Refused by a rate limit", "gatehouse_rate_limited_total", "policy"),
        rate("Requests repeated with their key", "gatehouse_idempotency_replays_total"),
        rate("Redis was away", "gatehouse_redis_fallbacks_total", "purpose"),
        rate("Reads that may be old", "gatehouse_replica_reads_total", "target", "reason"),
        state("Replicas behind", "gatehouse_replica_lag_seconds", "replica", unit="s"),
        state("Replicas in use", "gatehouse_replica_usable", "replica"),
        state("Jobs", "gatehouse_jobs", "kind", "state"),
        state("Tasks that wait", "gatehouse_task_queue_messages", "queue"),
        rate("Tasks that no broker took", "gatehouse_tasks_unsent_total"),
        quantiles("Time of jobs", "gatehouse_job_duration_seconds"),
    ],
)
SIGN_IN = Board(
    name="sign-in",
    title="Gatehouse: people and sessions",
    panels=[
        rate("Sign-ins", "gatehouse_sign_ins_total", "method", "outcome"),
        quantiles("Time of a sign-in", "gatehouse_sign_in_duration_seconds", level=0.5),
        quantiles("Time of a password hash", "gatehouse_password_hash_duration_seconds"),
        state("Hashes that wait", "gatehouse_password_hash_waiting"),
        rate("Registrations", "gatehouse_registrations_total", "outcome"),
        rate("Addresses confirmed", "gatehouse_email_verifications_total", "outcome"),
        rate("Addresses changed", "gatehouse_email_changes_total", "outcome"),
        state("Live sessions", "gatehouse_sessions_active"),
        rate("Sessions ended", "gatehouse_sessions_ended_total", "reason"),
        rate("Refresh tokens", "gatehouse_refresh_rotations_total", "outcome"),
        rate("Access tokens signed", "gatehouse_tokens_issued_total", "grant"),
        rate("Access tokens checked", "gatehouse_token_checks_total", "outcome"),
        rate(
            "Service clients", "gatehouse_service_client_authentications_total", "method", "outcome"
        ),
        rate("API keys", "gatehouse_api_key_uses_total", "outcome"),
        rate("Risk of sign-ins", "gatehouse_risk_assessments_total", "level"),
        rate("Signals of risk", "gatehouse_risk_signals_total", "signal"),
        rate("Stuffing suspected", "gatehouse_stuffing_suspected_total"),
        rate("Second factors", "gatehouse_mfa_verifications_total", "method", "outcome"),
        rate("Factors set up", "gatehouse_mfa_enrolments_total", "method", "outcome"),
        rate("Step-ups", "gatehouse_step_ups_total", "method", "outcome"),
        rate("Resets of factors", "gatehouse_mfa_resets_total", "outcome"),
        state("Signing keys", "gatehouse_signing_keys", "state"),
        state("Age of signing keys", "gatehouse_signing_key_age_seconds", "state", unit="s"),
    ],
)
DECISIONS = Board(
    name="decisions",
    title="Gatehouse: decisions",
    panels=[
        rate("Decisions", "gatehouse_decisions_total", "decision", "source"),
        quantiles("Time of a decision", "gatehouse_decision_duration_seconds", level=0.05),
        quantiles("Questions in a batch", "gatehouse_decision_batch_size", unit="short"),
        rate("Policies that came to nothing", "gatehouse_policy_unknowns_total", "reason"),
        rate("Attributes loaded", "gatehouse_attribute_loads_total", "source"),
        rate("Policies compiled", "gatehouse_policy_set_loads_total", "reason"),
        state("Policies in force", "gatehouse_policy_set_size"),
        rate("Decisions noted", "gatehouse_decision_records_total", "outcome"),
    ],
)
BROKERS = Board(
    name="brokers",
    title="Gatehouse: broker accounts",
    panels=[
        state("Accounts", "gatehouse_trading_accounts", "broker", "status"),
        rate(
            "Changes of status", "gatehouse_trading_account_transitions_total", "broker", "status"
        ),
        rate("Calls to brokers", "gatehouse_broker_requests_total", "broker", "outcome"),
        quantiles("Time of a call", "gatehouse_broker_request_duration_seconds"),
        quantiles("Time that calls are held back", "gatehouse_broker_wait_seconds"),
        state("Brokers that are not asked", "gatehouse_broker_circuit_open", "broker"),
        rate("Circuits", "gatehouse_broker_circuit_changes_total", "broker", "state"),
        rate("Syncs", "gatehouse_sync_runs_total", "broker", "outcome"),
        quantiles("Time of a sync", "gatehouse_sync_duration_seconds"),
        state("Oldest sync", "gatehouse_sync_age_seconds", "broker", unit="s"),
        rate("Credentials read", "gatehouse_credential_reads_total", "outcome"),
        rate("Credentials rotated", "gatehouse_credential_rotations_total", "outcome"),
    ],
)
RECORD = Board(
    name="trail-events-vault",
    title="Gatehouse: trail, events and vault",
    panels=[
        rate("Rows of the trail", "gatehouse_audit_events_total", "class"),
        state("Rows that wait for their place", "gatehouse_audit_unchained_rows"),
        state("Age of the checkpoint", "gatehouse_audit_checkpoint_age_seconds", unit="s"),
        rate("Found by verifications", "gatehouse_audit_verification_failures_total", "kind"),
        state("Months ahead", "gatehouse_audit_partitions_ahead"),
        state("Rows outside all months", "gatehouse_audit_default_partition_rows", level=1),
        state("Events that wait", "gatehouse_outbox_pending"),
        state("Oldest event", "gatehouse_outbox_oldest_age_seconds", unit="s", level=60),
        state("Events set aside", "gatehouse_outbox_set_aside"),
        rate("Events sent", "gatehouse_events_relayed_total", "outcome"),
        quantiles("Time of a batch", "gatehouse_relay_duration_seconds"),
        rate("Deliveries to webhooks", "gatehouse_webhook_deliveries_total", "outcome"),
        quantiles("Time of a delivery", "gatehouse_webhook_delivery_duration_seconds"),
        state("Deliveries that wait", "gatehouse_webhook_pending"),
        state("Dead letters", "gatehouse_webhook_dead_letters"),
        state("Webhooks", "gatehouse_webhooks", "state"),
        rate("Calls of the key service", "gatehouse_kms_requests_total", "operation", "outcome"),
        quantiles("Time of the key service", "gatehouse_kms_request_duration_seconds"),
        rate("Secrets that did not open", "gatehouse_vault_open_failures_total", "outcome"),
        state("Data keys under an old key", "gatehouse_rewrap_pending", "provider"),
    ],
)
BOARDS = (SERVICE, SIGN_IN, DECISIONS, BROKERS, RECORD)


def as_document(board: Board) -> dict[str, Any]:
    """The dashboard as Grafana takes it from a file."""
    return {
        "uid": f"gatehouse-{board.name}",
        "title": board.title,
        "tags": ["gatehouse"],
        "schemaVersion": SCHEMA,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "graphTooltip": 1,
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [as_grafana(panel, number=number) for number, panel in enumerate(board.panels)],
    }
