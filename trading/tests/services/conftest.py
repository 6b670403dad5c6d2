import pytest


@pytest.fixture(autouse=True)
def policies_in_force(shipped_policies: None) -> None:
    """Whoever asks at a door is judged by the policies that come with the product."""
