from events.admin import deliveries, outbox, webhooks

__all__ = ["deliveries", "outbox", "webhooks"]
