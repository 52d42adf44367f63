from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User

from tradewatch.core.faults import Fault


class FaultForm(forms.Form):
    def take(self, fault: Fault) -> None:
        """Show what a service refused beside its field, or above the form."""
        if not fault.errors:
            self.add_error(None, fault.detail)
        for name, texts in fault.errors.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text[:1].upper() + text[1:] + ".")


class CodeForm(FaultForm):
    code = forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the code."},
    )


class DisableForm(CodeForm):
    password = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class ChangePasswordForm(PasswordChangeForm):
    """Django's, on a page with other forms: it does not take the focus, and a phone not its keyboard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
