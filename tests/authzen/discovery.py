"""Metadata: section 6 of the certification scenario."""

from tests.authzen.asking import (
    ACTIONS,
    EVALUATION,
    EVALUATIONS,
    METADATA,
    RESOURCES,
    SUBJECTS,
    Ask,
    Case,
    fine,
)


def _everything_is_where_it_says(ask: Ask) -> None:
    document = fine(ask(METADATA, None))
    base = document["policy_decision_point"]
    assert "?" not in base
    assert "#" not in base
    assert document == {
        "policy_decision_point": base,
        "access_evaluation_endpoint": base + EVALUATION,
        "access_evaluations_endpoint": base + EVALUATIONS,
        "search_subject_endpoint": base + SUBJECTS,
        "search_resource_endpoint": base + RESOURCES,
        "search_action_endpoint": base + ACTIONS,
    }


CASES: dict[str, Case] = {"6 everything is where it says": _everything_is_where_it_says}
