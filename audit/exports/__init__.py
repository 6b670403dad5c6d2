"""The trail taken out: its formats, and the jobs that write them (ADR 0172)."""
