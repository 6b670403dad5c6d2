"""How the trail proves that nobody rewrote it: chains of hashes, signed checkpoints, proofs of inclusion (ADR 0170)."""
