import hashlib
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from tradewatch.accounts import reset
from tradewatch.accounts.services import reset_password
from tradewatch.core.addresses import address_of, counted_address_of
from tradewatch.core.rates import seconds_until_allowed

ASKED_A_MINUTE = 5  # by one client; and as many for one address


class AskForm(forms.Form):
    email = forms.EmailField(max_length=254)


@csrf_protect
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Take an address and say the same to everybody."""
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if _is_allowed(request, email):
            reset.post(list(reset.reset_mails(email)))
        return HttpResponseRedirect(reverse("password-reset-sent"))
    folder = "" if settings.EMAIL_HOST else settings.EMAIL_FILE_PATH
    return render(request, "accounts/reset_ask.html", {"form": form, "mail_folder": folder})


@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    folder = "" if settings.EMAIL_HOST else settings.EMAIL_FILE_PATH
    return render(request, "accounts/reset_sent.html", {"mail_folder": folder})


class Confirm(PasswordResetConfirmView):
    """Django's: the token moves from the URL into the session at once, so that it is in no Referer and no history."""

    template_name = "accounts/reset_confirm.html"
    success_url = reverse_lazy("password-reset-done")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]
        user = cast("User", form.user)
        self.request.session.flush()  # with the token that is spent now
        reset_password(user, form.cleaned_data["new_password1"], address=address_of(self.request), now=timezone.now())
        return HttpResponseRedirect(str(self.success_url))


def done(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/reset_done.html")


def _is_allowed(request: HttpRequest, email: str) -> bool:
    keys = (
        f"reset:from:{counted_address_of(request)}",
        f"reset:to:{hashlib.sha256(email.lower().encode()).hexdigest()}",
    )
    waits: list[Any] = [seconds_until_allowed(key, limit=ASKED_A_MINUTE) for key in keys]
    return not any(waits)
