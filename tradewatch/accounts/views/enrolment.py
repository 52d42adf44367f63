"""Setting up the second factor: from the account page, or on the way in where it is required."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from tradewatch.accounts.codes import key_words, otpauth_uri, qr_svg
from tradewatch.accounts.forms import CodeForm, PasswordForm
from tradewatch.accounts.logging_in import finish_login, has_second_factor, pending_login
from tradewatch.accounts.models import Authenticator
from tradewatch.accounts.records import PASSED, current_record
from tradewatch.accounts.services import (
    confirm_authenticator,
    confirm_password,
    end_other_sessions,
    start_enrolment,
)
from tradewatch.core.actors import Actor
from tradewatch.core.addresses import address_of
from tradewatch.core.faults import Fault

ISSUER = "TradeWatch"
CONFIRMED_AT = "enrolling_since"  # in the session: when the password was given for an enrolment
CONFIRMED_SECONDS = 600


@sensitive_post_parameters()
@csrf_protect
@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """Show the QR code and take the first code. POST without a code begins: only then a seed is made.

    Who is in already gives their password first: else a stolen session would set up a factor of its own, which ends
    the sessions of the account's owner and keeps them out.
    """
    user, then, is_on_the_way_in = _who(request)
    if user is None:
        return HttpResponseRedirect(reverse("admin:login"))
    if has_second_factor(user):
        return HttpResponseRedirect(reverse("second-step" if is_on_the_way_in else "account"))
    if not is_on_the_way_in and not _has_given_password(request):
        return _ask_password(request, user)
    actor = _actor(request, user)
    form = CodeForm(request.POST if "code" in request.POST else None)
    try:
        if request.method == "POST" and "code" not in request.POST:
            start_enrolment(actor, user, now=timezone.now())
            return HttpResponseRedirect(reverse("enrol"))
        if form.is_valid():
            codes = confirm_authenticator(actor, user, form.cleaned_data["code"], now=timezone.now())
            return _confirmed(request, user, codes, then, is_on_the_way_in=is_on_the_way_in)
    except Fault as fault:
        form.take(fault) if form.is_bound else messages.error(request, fault.detail)
    return render(request, "accounts/enrol.html", {**_shown(user), "form": form, **frame(is_on_the_way_in)})


def _has_given_password(request: HttpRequest) -> bool:
    return bool(time.time() - request.session.get(CONFIRMED_AT, 0) < CONFIRMED_SECONDS)


def _ask_password(request: HttpRequest, user: User) -> HttpResponse:
    form = PasswordForm(request.POST if "password" in request.POST else None)
    if "code" in request.POST:
        messages.error(request, "That took longer than ten minutes: begin again.")
    if form.is_valid():
        try:
            confirm_password(user, form.cleaned_data["password"])
            start_enrolment(_actor(request, user), user, now=timezone.now())
        except Fault as fault:
            form.take(fault)
        else:
            request.session[CONFIRMED_AT] = time.time()
            return HttpResponseRedirect(reverse("enrol"))
    return render(request, "accounts/enrol.html", {"password_form": form, **_words(), **frame(False)})


def frame(is_on_the_way_in: bool) -> dict[str, object]:
    """Return which frame a page of the second factor stands in: nobody without a session sees the sidebar."""
    return {
        "frame": "accounts/alone.html" if is_on_the_way_in else "base.html",
        "crumb": "Second factor",
        "crumbs": [("Your account", reverse("account"))] if not is_on_the_way_in else [],
        "is_on_the_way_in": is_on_the_way_in,
    }


def _confirmed(
    request: HttpRequest, user: User, codes: list[str], then: str, *, is_on_the_way_in: bool
) -> HttpResponse:
    authenticator = Authenticator.objects.get(user=user)
    if is_on_the_way_in:
        finish_login(request, user, authenticator)
    else:
        request.session[PASSED] = authenticator.pk
        request.session.pop(CONFIRMED_AT, None)
    end_other_sessions(_actor(request, user), user, but=current_record(request), now=timezone.now())
    return render(request, "accounts/codes.html", {"codes": codes, "then": then, **frame(is_on_the_way_in)})


def _who(request: HttpRequest) -> tuple[User | None, str, bool]:
    """Return whose factor it is, where to go afterwards, and whether they are still on the way in."""
    if request.user.is_authenticated and request.user.is_staff:
        return request.user, reverse("account"), False
    pending = pending_login(request)
    return (pending[0], pending[1], True) if pending else (None, "", True)


def _shown(user: User) -> dict[str, object]:
    authenticator = Authenticator.objects.filter(user=user, confirmed_at=None).first()
    if authenticator is None:
        return _words()
    uri = otpauth_uri(authenticator.seed, username=user.get_username(), issuer=ISSUER)
    # segno's output: the URI becomes modules of the code, none of its text is markup
    return {"qr": mark_safe(qr_svg(uri)), "key": key_words(authenticator.seed)}  # noqa: S308


def _words() -> dict[str, object]:
    return {"is_required": settings.REQUIRE_TWO_FACTOR}


def _actor(request: HttpRequest, user: User) -> Actor:
    return Actor(kind="user", id=user.pk, label=user.get_username(), address=address_of(request))
