"""Another process of the service, as far as tokens go: a token a line in, a verdict a line out."""

import sys

import django


def main() -> None:
    django.setup()
    from django.db import close_old_connections

    from accounts.errors import InvalidTokenError
    from accounts.services import access_tokens

    for line in sys.stdin:
        try:
            access_tokens.verify(line.strip())
        except InvalidTokenError:
            verdict = "refused"
        else:
            verdict = "good"
        close_old_connections()
        sys.stdout.write(verdict + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
