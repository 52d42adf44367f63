from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from tradewatch.accounts.forms import CodeForm
from tradewatch.accounts.lockouts import time_left
from tradewatch.accounts.logging_in import (
    finish_login,
    has_second_factor,
    hold_login,
    needs_second_step,
    pending_login,
)
from tradewatch.accounts.records import leave_session
from tradewatch.accounts.services import check_code
from tradewatch.core.addresses import counted_address_of
from tradewatch.core.faults import Fault
from tradewatch.core.rates import seconds_until_allowed

LOGINS_A_MINUTE = 30  # of one address, which an office shares; each costs us the work of a password hash


class StaffLoginForm(AuthenticationForm):
    """Django's, for staff alone: whoever is not gets the words of a wrong password."""

    def confirm_login_allowed(self, user: Any) -> None:
        if not (user.is_active and user.is_staff):
            raise self.get_invalid_login_error()


class Login(LoginView):
    template_name = "accounts/login.html"
    authentication_form = StaffLoginForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and getattr(request.user, "is_staff", False):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wait = seconds_until_allowed(f"login:{counted_address_of(request)}", limit=LOGINS_A_MINUTE)
        if wait:
            context = {"limit": LOGINS_A_MINUTE, "seconds": wait}
            return _refused(render(request, "accounts/slow.html", context, status=429), wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        if needs_second_step(user):
            hold_login(self.request, user, then=self.get_success_url())
            return HttpResponseRedirect(reverse("second-step" if has_second_factor(user) else "enrol"))
        finish_login(self.request, user, None)
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"has_mail": bool(settings.EMAIL_HOST)}


class Logout(LogoutView):
    template_name = "accounts/logged_out.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        leave_session(request, now=timezone.now())
        return super().post(request, *args, **kwargs)


@sensitive_post_parameters("code")
@csrf_protect
@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code of whoever's password was right; without one, back to the login."""
    pending = pending_login(request)
    if pending is None:
        if request.method == "POST":
            messages.error(request, "That took longer than ten minutes: log in again.")
        return HttpResponseRedirect(reverse("admin:login"))
    user, then = pending
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            authenticator = check_code(user, form.cleaned_data["code"], now=timezone.now())
        except Fault as fault:
            form.take(fault)
        else:
            finish_login(request, user, authenticator)
            return HttpResponseRedirect(then)
    return render(request, "accounts/second_step.html", {"form": form, "username": user.get_username()})


def locked_out(request: HttpRequest, credentials: dict[str, Any] | None = None, *_: Any) -> HttpResponse:
    """The page of a lockout: how long it lasts and what helps. 429, Retry-After in seconds."""
    username = request.POST.get("username", "")
    seconds = max(1, int(time_left(request, username, now=timezone.now()).total_seconds()))
    context = {
        "minutes": -(-seconds // 60),
        "failures": settings.AXES_FAILURE_LIMIT,
        "is_everywhere": getattr(request, "is_name_locked", False),
    }
    return _refused(render(request, "accounts/locked.html", context, status=429), seconds)


def _refused(answer: HttpResponse, seconds: int) -> HttpResponse:
    answer["Retry-After"] = str(seconds)
    return answer
