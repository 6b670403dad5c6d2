"""Load like that of a storm or a day, by Locust, with what must come of it."""
