"""The page "Your account": profile, password, second factor, sessions. Each form posts to a route of its own."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tradewatch.accounts.forms import ChangePasswordForm, CodeForm, DisableForm, ProfileForm
from tradewatch.accounts.models import Authenticator, SessionRecord
from tradewatch.accounts.records import current_record, key_hash
from tradewatch.accounts.services import (
    change_own_profile,
    change_password,
    disable_authenticator,
    end_other_sessions,
    end_session,
    renew_recovery_codes,
)
from tradewatch.accounts.sessions import hand_over_record, open_sessions
from tradewatch.accounts.views.enrolment import frame
from tradewatch.core.actors import Actor
from tradewatch.core.addresses import address_of
from tradewatch.core.faults import Fault
from tradewatch.projects.models import Membership

View = Callable[..., HttpResponse]
_staff: Callable[[View], View] = staff_member_required(login_url="admin:login")


@_staff
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    return _show(request)


@_staff
def to_account(request: HttpRequest) -> HttpResponse:
    """Where the admin's own page for a new password was: that one writes no trail and ends no session."""
    return HttpResponseRedirect(reverse("account"))


@_staff
@require_POST
@sensitive_post_parameters()
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST, instance=User.objects.get(pk=_user(request).pk))
    if form.is_valid():
        given = form.cleaned_data["password"]
        try:
            change_own_profile(_actor(request), form.instance, fields=form.changed_data, password=given)
        except Fault as fault:
            form.take(fault)
    if form.errors:
        return _show(request, profile_form=form)
    return _back(request, "Saved")


@_staff
@require_POST
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = ChangePasswordForm(user, request.POST)
    if not form.is_valid():
        return _show(request, password_form=form)
    record = current_record(request)
    change_password(_actor(request), user, form.cleaned_data["new_password1"], keep=record, now=timezone.now())
    hand_over_record(request, user, record)
    return _back(request, "Password changed; every other session is logged out")


@_staff
@require_POST
@sensitive_post_parameters()
def disable_second_factor(request: HttpRequest) -> HttpResponse:
    form = DisableForm(request.POST)
    if form.is_valid():
        try:
            disable_authenticator(_actor(request), _user(request), **form.cleaned_data, now=timezone.now())
        except Fault as fault:
            form.take(fault)
    if form.errors:
        return _show(request, disable_form=form)
    return _back(request, "Second factor disabled")


@_staff
@require_POST
@never_cache
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Answer with ten new codes, shown this once."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            codes = renew_recovery_codes(_actor(request), _user(request), form.cleaned_data["code"], now=timezone.now())
        except Fault as fault:
            form.take(fault)
        else:
            return render(request, "accounts/codes.html", {"codes": codes, "then": reverse("account"), **frame(False)})
    return _show(request, codes_form=form)


@_staff
@require_POST
def end_one_session(request: HttpRequest, record_id: int) -> HttpResponse:
    record = get_object_or_404(SessionRecord, pk=record_id, user=request.user.pk)
    end_session(_actor(request), record, now=timezone.now())
    return _back(request, f"Logged out: {record.device}")


@_staff
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    ended = end_other_sessions(_actor(request), _user(request), but=current_record(request), now=timezone.now())
    return _back(request, f"{ended} other {'session' if ended == 1 else 'sessions'} logged out")


def _show(request: HttpRequest, **forms: Any) -> HttpResponse:
    user = User.objects.get(pk=_user(request).pk)
    authenticator = Authenticator.objects.filter(user=user).exclude(confirmed_at=None).first()
    context = {
        "crumb": "Your account",
        "profile_form": ProfileForm(instance=user),
        "password_form": ChangePasswordForm(user),
        "disable_form": DisableForm(),
        "codes_form": CodeForm(),
        "authenticator": authenticator,
        "unused_codes": authenticator.recovery_codes.filter(used_at=None).count() if authenticator else 0,
        "is_required": settings.REQUIRE_TWO_FACTOR,
        "sessions": open_sessions(user, now=timezone.now()),
        "current_hash": key_hash(request.session.session_key),
        "memberships": Membership.objects.filter(user=user).select_related("project").order_by("project__name"),
        "teams": user.teams.all(),
        "account": user,
        **forms,
    }
    has_errors = any(form.errors for form in forms.values())
    return render(request, "accounts/account.html", context, status=400 if has_errors else 200)


def _back(request: HttpRequest, done: str) -> HttpResponse:
    messages.success(request, done)
    return HttpResponseRedirect(reverse("account"))


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _actor(request: HttpRequest) -> Actor:
    user = _user(request)
    return Actor(kind="user", id=user.pk, label=user.get_username(), address=address_of(request))
