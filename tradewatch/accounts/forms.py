from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from tradewatch.accounts.services import confirm_password
from tradewatch.core.faults import Fault, Invalid


class FaultForm(forms.Form):
    def take(self, fault: Fault) -> None:
        """Show what a service refused beside its field, or above the form."""
        if not fault.errors:
            self.add_error(None, fault.detail)
        for name, texts in fault.errors.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, _sentence(text))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _own_password(**more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(strip=False, widget=widget, error_messages={"required": "Enter your password."}, **more)


class CodeForm(FaultForm):
    code = forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the code."},
    )


class PasswordForm(FaultForm):
    password = _own_password()


class DisableForm(CodeForm):
    password = _own_password()


class ChangePasswordForm(PasswordChangeForm):
    """Django's, on a page with other forms: it does not take the focus, and a phone not its keyboard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)

    def clean_old_password(self) -> str:
        old_password: str = self.cleaned_data["old_password"]
        try:
            confirm_password(self.user, old_password)
        except Invalid as fault:
            raise ValidationError([_sentence(text) for text in fault.errors["password"]]) from fault
        return old_password


class ProfileForm(FaultForm, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Names and e-mail address; the password only where the address changes."""

    password = _own_password(required=False)

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "profile_%s"  # the page has other fields for a password

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "email" in self.changed_data and not cleaned.get("password"):
            self.add_error("password", "Enter your password: another address takes it.")
        return cleaned
