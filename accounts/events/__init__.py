"""What happens to people, their sessions, and the keys and clients of the platform."""
