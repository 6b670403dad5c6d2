"""A copy of everything that cannot be made again, and the way back from it (ADR 0226)."""
