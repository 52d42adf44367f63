"""One's own part: shifts, how one is reached, further addresses, calendar links."""

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from alerts.choices import AlertSeverity, ContactMethod
from alerts.contacts import rule_words
from alerts.models import ContactAddress, ContactRule, FeedLink, NotificationChannel
from alerts.services.contacts import add_address, remove_address, remove_contact_rule, save_contact_rule, verify_address
from alerts.services.oncall import create_feed, revoke_feed
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.dashboard.oncall_page import ways_to_reach, your_shifts
from tradewatch.dashboard.pages import actor_of, page, refuse, show, staff_only
from tradewatch.dashboard.scope import Scope, read_scope
from tradewatch.dashboard.views.oncall import visible

SECRET = "oncall_feed_secret"  # noqa: S105  # the session's key for an address that is shown once


@page
@never_cache
def you(request: HttpRequest, scope: Scope) -> HttpResponse:
    me, now = request.user.pk, timezone.now()
    rules = ContactRule.objects.filter(user=me).select_related("address", "channel")
    context = {
        "shifts": your_shifts(me or 0, now),
        "ways": ways_to_reach(me or 0),
        "rules": [(rule, rule_words(rule)) for rule in rules],
        "severities": AlertSeverity.choices,
        "places": _places(me or 0),
        "addresses": ContactAddress.objects.filter(user=me),
        "feeds": FeedLink.objects.filter(Q(person=me) | Q(created_by=me), revoked_at=None).select_related("schedule"),
        "new_feed": request.session.pop(SECRET, ""),
        "account_address": getattr(request.user, "email", ""),
    }
    crumbs = [("On call", reverse("oncall") + scope.query)]
    return show(request, scope, "dashboard/oncall_you.html", context, crumb="Your shifts", crumbs=crumbs)


def _places(user_id: int) -> list[tuple[str, str]]:
    """Return the ways that a rule can name, as the form's choices."""
    places = [("email", "E-mail of the account")]
    verified = ContactAddress.objects.filter(user=user_id).exclude(verified_at=None)
    places += [(f"address:{row.pk}", f"E-mail to {row.address}") for row in verified]
    own = NotificationChannel.objects.filter(owner=user_id)
    return places + [(f"channel:{row.pk}", row.name) for row in own]


class RuleForm(forms.Form):
    severity = forms.ChoiceField(choices=[("", "all"), *AlertSeverity.choices], required=False)
    place = forms.CharField()
    delay_minutes = forms.IntegerField(min_value=0, max_value=1440)


@staff_only
@require_POST
def change(request: HttpRequest, action: str) -> HttpResponseRedirect:
    """Do one of the small changes of the page, and come back to it."""
    acts: dict[str, Callable[[HttpRequest, Actor], str]] = {
        "add-rule": _add_rule,
        "remove-rule": _remove_rule,
        "add-address": _add_address,
        "remove-address": _remove_address,
        "add-feed": _add_feed,
        "revoke-feed": _revoke_feed,
    }
    if action not in acts:
        raise Http404(f"no action {action}")
    try:
        done = acts[action](request, actor_of(request))
    except Fault as fault:
        refuse(request, "; ".join(text for texts in fault.errors.values() for text in texts) or fault.detail)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("oncall-you"))


@staff_only
def verify(request: HttpRequest, token: str) -> HttpResponse:
    try:
        row = verify_address(actor_of(request), token)
    except Fault as fault:
        refuse(request, fault.detail)
    else:
        messages.success(request, f"{row.address} is verified: rules can use it")
    return redirect("oncall-you")


def _add_rule(request: HttpRequest, actor: Actor) -> str:
    form = RuleForm(request.POST)
    if not form.is_valid():
        refused = "; ".join(f"{name}: {texts[0]}" for name, texts in form.errors.items())
        raise Fault(refused)
    kind, _, number = form.cleaned_data["place"].partition(":")
    key = int(number) if number.isascii() and number.isdigit() and len(number) < 12 else 0
    rule = ContactRule(
        user_id=request.user.pk or 0,
        severity=form.cleaned_data["severity"],
        method=ContactMethod.CHANNEL if kind == "channel" else ContactMethod.EMAIL,
        address=ContactAddress.objects.filter(user=request.user.pk, pk=key).first() if kind == "address" else None,
        channel=NotificationChannel.objects.filter(owner=request.user.pk, pk=key).first()
        if kind == "channel"
        else None,
        delay_seconds=form.cleaned_data["delay_minutes"] * 60,
    )
    save_contact_rule(actor, rule)
    return "Contact rule added"


def _remove_rule(request: HttpRequest, actor: Actor) -> str:
    remove_contact_rule(actor, get_object_or_404(ContactRule, user=request.user.pk, pk=_number(request)))
    return "Contact rule removed"


def _add_address(request: HttpRequest, actor: Actor) -> str:
    assert isinstance(request.user, User)  # noqa: S101  # staff_only let nobody else in
    row = add_address(actor, request.user, request.POST.get("address", ""))
    return f"A link to confirm it was mailed to {row.address}"


def _remove_address(request: HttpRequest, actor: Actor) -> str:
    remove_address(actor, get_object_or_404(ContactAddress, user=request.user.pk, pk=_number(request)))
    return "Address removed"


def _add_feed(request: HttpRequest, actor: Actor) -> str:
    wanted = request.POST.get("schedule", "")
    schedule = None
    if wanted:
        rows = visible(read_scope(actor, {}))
        schedule = rows.filter(pk=wanted).first() if wanted.isascii() and wanted.isdigit() else None
        if schedule is None:
            raise Http404("no such schedule")
    _, secret = create_feed(actor, schedule=schedule)
    request.session[SECRET] = settings.PUBLIC_URL + reverse("oncall-feed", args=[secret])
    return "Calendar link made: it is shown once"


def _revoke_feed(request: HttpRequest, actor: Actor) -> str:
    rows = FeedLink.objects.filter(Q(created_by=request.user.pk) | Q(person=request.user.pk))
    revoke_feed(actor, get_object_or_404(rows, pk=_number(request)))
    return "Calendar link revoked: it answers nobody any more"


def _number(request: HttpRequest) -> int:
    text = request.POST.get("id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
