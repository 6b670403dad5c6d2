"""What this app, and allauth below it, hold of a person."""

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.db.models import QuerySet

from accounts.models import (
    ApiKey,
    BlockedSignIn,
    EmailChange,
    Preferences,
    RefreshFamily,
    Session,
    SignInThrottle,
    SingleUseToken,
    User,
)
from accounts.services import burial, sign_in_throttle
from audit.privacy.registry import (
    HASH,
    LAST,
    Fate,
    Holding,
    Person,
    Retention,
    nobody,
    register,
)

SOON = "Forget expired sign-in tokens and throttles"
TOKENS = Retention(text="until they are used or run out", task=SOON)
THROTTLES = Retention(text="", setting="login_failure_window", task=SOON)
STOPPED = Retention(text="", setting="blocked_sign_in_retention", task=SOON)
CHANGES = Retention(text="", setting="email_change_disowning_lifetime", task=SOON)
SIGNED_IN = Retention(
    text="ended when idle or past their last day, and kept until the person is erased",
    task="End sessions that ran out",
)
PLATFORM = Retention(text="for as long as the platform needs them")


def declare() -> None:
    """Called once, when the app is ready."""
    nobody(
        "programs of others, registered by staff",
        "accounts.ServiceClient",
        "accounts.ClientSecret",
        "socialaccount.SocialApp",
        retention=PLATFORM,
    )
    nobody(
        "what programs of others presented",
        "accounts.UsedAssertion",
        "accounts.RevokedToken",
        retention=TOKENS,
    )
    nobody(
        "keys of the platform",
        "accounts.SigningKey",
        retention=Retention(
            text="retired keys stay, without their private half", task="Tend the signing keys"
        ),
    )
    register(_profile(), *_choices(), *_sign_ins(), *_of_allauth())


def _profile() -> Holding:
    return Holding(
        model="accounts.User",
        rows=lambda person: User.objects.filter(pk=person.pk),
        area="profile",
        withheld={"password": HASH},
        fate=Fate.ANONYMISED,
        why="a tombstone: the id, and that it was erased, so that what names the id stays true",
        erase=burial.bury,
        turn=LAST + 1,
    )


def _choices() -> tuple[Holding, ...]:
    return (
        Holding(
            model="accounts.Preferences",
            rows=lambda person: Preferences.objects.filter(user_id=person.pk),
            area="preferences",
            fate=Fate.DELETED,
            why="nobody is left to choose",
        ),
        Holding(
            model="accounts.ApiKey",
            rows=lambda person: ApiKey.objects.for_user(person.pk),
            area="api_keys",
            withheld={"digest": HASH},
            fate=Fate.DELETED,
            why="names, networks and addresses are the person's; the trail says that there were keys",
        ),
    )


def _sign_ins() -> tuple[Holding, ...]:
    return (
        Holding(
            model="accounts.Session",
            rows=lambda person: Session.objects.for_user(person.pk),
            area="sessions",
            fate=Fate.DELETED,
            why="devices, addresses and places",
            first=burial.end_sessions,
            retention=SIGNED_IN,
        ),
        Holding(
            model="accounts.RefreshFamily",
            rows=lambda person: RefreshFamily.objects.filter(session__user_id=person.pk),
            withheld={"*": HASH},
            fate=Fate.DELETED,
            why="hashes of the tokens of a session",
            turn=49,
            retention=SIGNED_IN,
        ),
        Holding(
            model="accounts.SingleUseToken",
            rows=lambda person: SingleUseToken.objects.filter(user_id=person.pk),
            area="single_use_tokens",
            withheld={
                "id": "a number inside the program",
                "token_hash": HASH,
                "details": "what binds a secret to its use",
            },
            fate=Fate.DELETED,
            why="a secret that was sent to the person",
            retention=TOKENS,
        ),
        Holding(
            model="accounts.EmailChange",
            rows=lambda person: EmailChange.objects.filter(user_id=person.pk),
            area="changes_of_address",
            fate=Fate.DELETED,
            why="addresses of the person",
            retention=CHANGES,
        ),
        Holding(
            model="accounts.BlockedSignIn",
            rows=lambda person: BlockedSignIn.objects.filter(user_id=person.pk),
            area="stopped_sign_ins",
            fate=Fate.DELETED,
            why="addresses and devices",
            retention=STOPPED,
        ),
        Holding(
            model="accounts.SignInThrottle",
            rows=_throttle,
            withheld={"*": HASH},
            fate=Fate.DELETED,
            why="a keyed hash of the address",
            retention=THROTTLES,
        ),
    )


def _throttle(person: Person) -> "QuerySet[SignInThrottle]":
    return SignInThrottle.objects.filter(pk=sign_in_throttle.key_of(person.email))


def _of_allauth() -> tuple[Holding, ...]:
    return (
        Holding(
            model="socialaccount.SocialAccount",
            rows=lambda person: SocialAccount.objects.filter(user_id=person.pk),
            area="connected_sign_ins",
            withheld={"id": "a number inside the program"},
            fate=Fate.DELETED,
            why="who the person is at a sign-in provider",
        ),
        Holding(
            model="socialaccount.SocialToken",
            rows=lambda person: SocialToken.objects.filter(account__user_id=person.pk),
            withheld={"*": "a secret of the provider"},
            fate=Fate.DELETED,
            why="tokens of a sign-in provider",
            turn=49,
        ),
        Holding(
            model="account.EmailAddress",
            rows=lambda person: EmailAddress.objects.filter(user_id=person.pk),
            area="addresses",
            withheld={"id": "a number inside the program"},
            fate=Fate.DELETED,
            why="addresses of the person",
        ),
        Holding(
            model="account.EmailConfirmation",
            rows=lambda person: EmailConfirmation.objects.filter(email_address__user_id=person.pk),
            withheld={"*": "a secret that was sent to the person"},
            fate=Fate.DELETED,
            why="a secret that was sent to the person",
            turn=49,
        ),
    )
