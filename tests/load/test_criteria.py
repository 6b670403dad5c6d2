"""When a load test is good, and when it is not."""

from tests.load.criteria import SCENARIOS, Scenario, judged, read

LOCUSTS = """\
Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,\
Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%
POST,decision,1200,{failed},5,6.1,2.2,80.3,120,20.0,0.0,5,6,7,8,9,{p95},40,45,80,80,80
POST,refresh,0,0,0,0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A
,Aggregated,1200,{failed},5,6.1,2.2,80.3,120,20.0,0.0,5,6,7,8,9,{p95},40,45,80,80,80
"""
SCENARIO = Scenario(name="one", people="Decisions", users=1, seconds=1, p95={"decision": 50})


def verdict(*, failed: int = 0, p95: int = 20, scenario: Scenario = SCENARIO) -> tuple[str, bool]:
    kinds = read(LOCUSTS.format(failed=failed, p95=p95).splitlines())
    rows, good = judged(scenario, kinds)
    return "\n".join(rows), good


def test_what_is_answered_well_and_in_time_is_good() -> None:
    told, good = verdict()
    assert good
    assert told == "| one | decision | 1,200 | 20.0 | 5 ms | 20 ms | 45 ms | 0 | good |"


def test_one_failure_is_one_too_many() -> None:
    told, good = verdict(failed=1)
    assert not good
    assert "1 failed" in told


def test_slow_answers_are_not_good() -> None:
    told, good = verdict(p95=51)
    assert not good
    assert "p95 over 50 ms" in told


def test_what_was_never_asked_for_is_not_good() -> None:
    wanted = Scenario(name="two", people="Day", users=1, seconds=1, p95={"refresh": 10})
    told, good = verdict(scenario=wanted)
    assert not good
    assert "never asked for" in told


def test_a_run_without_requests_is_not_good() -> None:
    assert judged(Scenario(name="none", people="Storm", users=1, seconds=1, p95={}), []) == (
        [],
        False,
    )


def test_scenarios_have_names_of_their_own() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
