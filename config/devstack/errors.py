"""What can go wrong with the servers and processes of development, said to a person."""


class DevstackError(Exception):
    """Something stops the stack; the message says what, and what to do."""
