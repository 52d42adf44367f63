"""The page where a channel is tried: its words on a sample or a real past alert, and a message that really leaves."""

from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings as options
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from alerts.channels.message import Message
from alerts.channels.samples import sample_messages
from alerts.channels.templates import Words, apply_words
from alerts.channels.words import body_of, title_of
from alerts.describing import message_about
from alerts.models import Alert, NotificationChannel
from alerts.services.channels import try_channel
from tradewatch.core.admin import faults_as_messages
from tradewatch.projects.access import visible_projects
from tradewatch.projects.scoped_admin import admin_actor

PAST_ALERTS = 20
SAMPLES = ("a firing group", "a single alert with little to say", "an end")


def try_page(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """GET and "Preview" show what would be said; "Send this as a test" sends it and shows the receiver's answer."""
    channel = model_admin.get_queryset(request).filter(pk=pk).first()
    if channel is None:
        raise Http404("no such channel")
    past = list(_past_alerts(request, channel))
    form = TrialForm(request.POST or None, channel=channel, past=past)
    words, about = form.words_and_subject()
    message = _message(about, past)
    worded, fault = apply_words(message, words)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Try {channel}",
        "opts": model_admin.opts,
        "channel": channel,
        "form": form,
        "fault": fault,
        "said": {"title": title_of(worded), "text": body_of(worded)},
        "may_send": model_admin.has_change_permission(request, channel),
    }
    if request.method == "POST" and "send" in request.POST and form.is_valid():
        with faults_as_messages(request):
            context["outcome"] = _send(request, channel, message, words)
    return TemplateResponse(request, "admin/alerts/try_channel.html", context)


class TrialForm(forms.Form):
    about = forms.ChoiceField(label="About", required=False, widget=UnfoldAdminSelectWidget)
    title_template = forms.CharField(label="Title", required=False, max_length=500, widget=UnfoldAdminTextInputWidget)
    text_template = forms.CharField(
        label="Text", required=False, max_length=4000, strip=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 8})
    )

    def __init__(self, data: Any, *, channel: NotificationChannel, past: list[Alert]) -> None:
        initial = {"title_template": channel.title_template, "text_template": channel.text_template}
        super().__init__(data, initial=initial)
        names = [(f"sample:{number}", f"A sample: {name}") for number, name in enumerate(SAMPLES)]
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            *names, *((f"alert:{alert.pk}", f"{alert.title} ({alert.state})") for alert in past)
        ]  # fmt: skip

    def words_and_subject(self) -> tuple[Words, str]:
        values = self.cleaned_data if self.is_bound and self.is_valid() else self.initial
        return Words(values["title_template"], values["text_template"]), values.get("about") or "sample:0"


def _past_alerts(request: HttpRequest, channel: NotificationChannel) -> Any:
    rows = Alert.objects.filter(project__in=visible_projects(admin_actor(request))).select_related("project")
    rows = rows.filter(project=channel.project_id) if channel.project_id else rows
    return rows.order_by("-id")[:PAST_ALERTS]


def _message(about: str, past: list[Alert]) -> Message:
    what, _, number = about.partition(":")
    now = timezone.now()
    if what == "alert":
        alert = next(alert for alert in past if str(alert.pk) == number)
        return message_about(alert, now=now)
    samples = sample_messages(now=now, public_url=options.PUBLIC_URL)
    return samples[SAMPLES[int(number)]]


def _send(request: HttpRequest, channel: NotificationChannel, message: Message, words: Words) -> Any:
    """Under keys of its own: a test must not be joined to a real incident, nor resolve one."""
    key = f"tradewatch-test-{channel.pk}"
    now = timezone.now()
    test = replace(message, event="test", dedup_key=key, idempotency_key=f"{key}-{now.timestamp():.0f}")
    return try_channel(admin_actor(request), channel, test, words=words, now=now)
