from trading.tests.simulator.fixtures import levers, simulator_server

__all__ = ["levers", "simulator_server"]
