"""The forms of our pages. Those of allauth's views have the methods that it calls; the work is our services'."""

from dataclasses import asdict
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.api.auth_serializers import LONGEST_SECRET
from accounts.errors import AccountClosedError, InvalidCredentialsError, PasswordNotAcceptableError
from accounts.models import User
from accounts.pages import limits
from accounts.pages.sign_in_steps import PASSWORD_WAY
from accounts.services import email_verification, passwords, registration, reopening
from accounts.services.login import right_password
from accounts.services.second_factor import ProvenSignIn, assessed
from accounts.services.sessions import Device

LONGEST_EMAIL = 254


def email_field(**attributes: Any) -> forms.EmailField:
    attributes = {"autocomplete": "username", "inputmode": "email", **attributes}
    return forms.EmailField(
        label=_("E-mail"), max_length=LONGEST_EMAIL, widget=forms.EmailInput(attrs=attributes)
    )


def password_field(**attributes: Any) -> forms.CharField:
    attributes = {"autocomplete": "current-password", **attributes}
    return forms.CharField(
        label=_("Password"),
        max_length=LONGEST_SECRET,
        strip=False,
        widget=forms.PasswordInput(attrs=attributes),
    )


def new_password_field(label: Any, **attributes: Any) -> forms.CharField:
    field = password_field(autocomplete="new-password", **attributes)
    field.label = label
    field.help_text = _("12 characters or more.")
    return field


class NewPasswordForm(forms.Form):
    new_password = new_password_field(_("New password"), autofocus=True)


class SignInForm(forms.Form):
    """E-mail and password; the same throttle, cost and silence as the API's."""

    email = email_field(autofocus=True)
    password = password_field()

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proven: ProvenSignIn | None = None

    def clean(self) -> dict[str, Any]:
        fields = self.cleaned_data
        if "email" in fields and "password" in fields:
            limits.require_sign_in()
            try:
                self.proven = assessed(
                    right_password(
                        email=fields["email"], password=fields["password"], device=Device()
                    )
                )
            except InvalidCredentialsError:
                raise forms.ValidationError(
                    _now("E-mail or password is not right."), code="invalid_credentials"
                ) from None
        return fields

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Called by allauth's view: go through the steps."""
        proven = self.proven
        if proven is None or proven.risk is None:
            raise ValueError("the form was not found valid")
        way = {**PASSWORD_WAY, "risk": asdict(proven.risk)}
        login = Login(user=proven.user, redirect_url=redirect_url, state={"way": way})
        response: HttpResponse = perform_login(request, login)
        return response


class SignUpForm(forms.Form):
    """An account is asked for; who already has one is told by mail, and nobody else learns of it."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    email = email_field(autocomplete="email")
    password = new_password_field(_("Password"))

    by_passkey = False  # what allauth's view asks

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            limits.require(limits.SIGN_UP)
        return self.cleaned_data

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponse]:
        """Called by allauth's view: never a person, always where to go."""
        fields = self.cleaned_data
        try:
            registration.register(
                email=fields["email"],
                password=fields["password"],
                name=fields["name"],
                locale=get_language() or "en",
            )
        except PasswordNotAcceptableError as error:
            add_failures(self, "password", error)
            return None, render(request, "account/signup.html", {"form": self})
        return None, redirect("account_email_verification_sent")


class EmailForm(forms.Form):
    """An address to which a link goes, if it is of use there."""

    email = email_field(autofocus=True)

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            limits.require(limits.RESET)
        return self.cleaned_data

    def save(self, request: HttpRequest) -> None:
        """Called by allauth's view of forgotten passwords."""
        passwords.request_reset(email=self.cleaned_data["email"])


class ResendForm(EmailForm):
    def clean(self) -> dict[str, Any]:
        if not self.errors:
            limits.require(limits.RESEND)
        return self.cleaned_data

    def save(self, request: HttpRequest) -> None:
        email_verification.resend(email=self.cleaned_data["email"])


class PasswordForm(forms.Form):
    """The password of somebody who is known already."""

    password = password_field(autofocus=True)


class ConsoleSignInForm(forms.Form):
    """Whatever is wrong, `refuse` says the one thing."""

    username = email_field(autofocus=True)
    password = password_field()

    def refuse(self) -> None:
        """Replace what was found wrong by the text that tells nothing."""
        self.errors.clear()
        self.add_error(None, _now(InvalidCredentialsError.title))


def add_failures(form: forms.Form, field: str, error: PasswordNotAcceptableError) -> None:
    """Each reason why a password was not taken, beside its field."""
    for failure in error.errors:
        form.add_error(field, failure.detail)


class TakeBackForm(forms.Form):
    """As signing in, for somebody who has closed their account; `token` is what takes that back."""

    email = email_field(autofocus=True)
    password = password_field()
    code = forms.CharField(
        label=_("Code of your second factor, if you have one"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token = ""

    def clean(self) -> dict[str, Any]:
        fields = self.cleaned_data
        if "email" in fields and "password" in fields:
            limits.require_sign_in()
            try:
                right_password(email=fields["email"], password=fields["password"], device=Device())
            except AccountClosedError:
                user = User.objects.with_email(fields["email"]).get()
                self.token = reopening.offer(user).reopening_token
            except InvalidCredentialsError:
                self.token = ""
            if not self.token:
                raise forms.ValidationError(
                    _now("There is nothing to take back, or e-mail or password is not right."),
                    code="invalid_credentials",
                )
        return fields
