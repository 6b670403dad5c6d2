from trading.tests.simulator.fixtures import kite_at_simulator, levers, simulator_server

__all__ = ["kite_at_simulator", "levers", "simulator_server"]
