"""What can go wrong with webhooks."""

from config.http.problems import ConflictError, InvalidRequestError, NotFoundError


class WebhookNotFoundError(NotFoundError):
    """No webhook of the caller's has this id. Service clients see their own, staff see all."""

    slug = "webhook-not-found"
    title = "No such webhook"


class DeliveryNotFoundError(NotFoundError):
    """This webhook has no delivery of this id, or it is older than deliveries are kept."""

    slug = "webhook-delivery-not-found"
    title = "No such delivery"


class InvalidWebhookError(InvalidRequestError):
    """The webhook cannot be like this; `errors` names each field. An address must be `https`, of a host that is known
    and has public addresses alone; types must be ones that exist, or a prefix such as `user.*`.
    """

    slug = "invalid-webhook"
    title = "The webhook is not valid"


class TooManyWebhooksError(ConflictError):
    """The client has as many webhooks as it may have. Delete one first, or widen the types of another."""

    slug = "too-many-webhooks"
    title = "No more webhooks"


class WebhookDisabledError(ConflictError):
    """The webhook is disabled, so nothing is delivered to it. Enable it first, with `PATCH` and `enabled: true`."""

    slug = "webhook-disabled"
    title = "The webhook is disabled"


class ReplayTooLargeError(InvalidRequestError):
    """The range holds more events than one replay may take. Ask for a narrower one, several times."""

    slug = "replay-too-large"
    title = "Too many events for one replay"


class ReplayStoppedError(Exception):
    """Redis did not take an event that was to be sent again; the text says why."""
