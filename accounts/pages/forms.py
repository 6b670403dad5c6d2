"""The forms of our pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.errors import InvalidCredentialsError


class NewPasswordForm(forms.Form):
    new_password = forms.CharField(
        label=_("New password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
        help_text=_("12 characters or more."),
    )


class SignInForm(forms.Form):
    """Whatever is wrong, `refuse` says the one thing."""

    username = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def refuse(self) -> None:
        """Replace what was found wrong by the text that tells nothing."""
        self.errors.clear()
        self.add_error(None, InvalidCredentialsError.title)
