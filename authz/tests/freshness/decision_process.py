"""A process of its own that decides what its standard input asks: a question a line, an answer a line."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.db import close_old_connections
    from prometheus_client import REGISTRY

    from authz.services import decisions

    for line in sys.stdin:
        decision = decisions.check(**json.loads(line))
        close_old_connections()
        loads = REGISTRY.get_sample_value("gatehouse_attribute_loads_total", {"source": "user"})
        fallbacks = REGISTRY.get_sample_value(
            "gatehouse_redis_fallbacks_total", {"purpose": "stamps"}
        )
        answer = {"allowed": decision.allowed, "loads": loads or 0, "fallbacks": fallbacks or 0}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
