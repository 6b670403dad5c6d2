"""Faults with a name: each is something that Kite, or a machine between, has been seen to send."""

import json
from typing import Any

from trading.simulator import fixtures
from trading.simulator.faults import Fault
from trading.simulator.messages import HTML
from trading.simulator.refusals import STATUS, KiteError


def refusal(error_type: str, *, status: int | None = None) -> Fault:
    """The documented error body of that class."""
    refused = KiteError(error_type, "The simulator was told to refuse.", status=status)
    return Fault(status=refused.status, body=json.dumps(fixtures.error(refused)).encode())


def gateway_page(status: int, *, retry_after: str | None = None) -> Fault:
    """What a proxy or a load balancer says in HTML when it does not let a request through."""
    return Fault(
        status=status,
        headers={"Content-Type": HTML, "Retry-After": retry_after},
        body=f"<html><h1>{status}</h1></html>".encode(),
    )


def document(content: Any, *, status: int = 200, effect: bool = False) -> Fault:
    """Any JSON."""
    return Fault(status=status, body=json.dumps(content).encode(), effect=effect)


_ERROR_WITHOUT_TYPE = {"status": "error", "message": "Something is wrong.", "data": None}

TRAPS: dict[str, Fault] = {
    # answers that say what they are
    **{name: refusal(name) for name in STATUS},
    "unknown_refusal": document({**_ERROR_WITHOUT_TYPE, "error_type": "UserException"}, status=403),
    "throttled": gateway_page(429, retry_after="7"),
    "throttled_json": refusal("NetworkException", status=429),
    "gateway_down": gateway_page(502),
    "maintenance": gateway_page(503, retry_after="120"),
    "forbidden_page": gateway_page(403),
    # answers that cannot be read
    "no_content_type": Fault(
        status=200, headers={"Content-Type": None}, body=b'{"status": "success", "data": {}}'
    ),
    "neither_success_nor_error": document({"status": "pending", "data": {}}),
    "no_data": document({"status": "success"}),
    "null_data": document({"status": "success", "data": None}),
    "a_list": document([]),
    "a_list_for_data": document({"status": "success", "data": []}),
    "error_without_type": document(_ERROR_WITHOUT_TYPE, status=403),
    "error_with_odd_type": document({**_ERROR_WITHOUT_TYPE, "error_type": "__doc__"}, status=403),
    "error_without_message": document(
        {"status": "error", "error_type": "TokenException"}, status=403
    ),
    "success_with_status_500": document({"status": "success", "data": True}, status=500),
    "redirect": Fault(
        status=302, headers={"Location": "/user/profile", "Content-Type": HTML}, body=b""
    ),
    "csv": Fault(status=200, headers={"Content-Type": "text/csv"}, body=b"a,b\n1,2\n"),
    "bytes_that_are_no_json": Fault(status=200, body=b"\xff\xfe{\x00\x80not json"),
    "deep_json": Fault(status=200, body=b"[" * 100_000),
    "not_a_number": Fault(
        status=200, body=b'{"status": "success", "data": {"equity": {"enabled": true, "net": NaN}}}'
    ),
    # connections that break
    "not_http": Fault(raw=b"\x16\x03\x01 this is no HTTP\r\n\r\n"),
    "half_an_answer": Fault(
        status=200, headers={"Content-Length": "4000"}, body=b'{"status": "success", "da'
    ),
    "dropped_before_headers": Fault(drop="before_headers"),
    "dropped_after_headers": Fault(status=200, drop="after_headers"),
}
