"""Channels in the admin: a form for each kind, secrets that are written and never shown, and a page to try one out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from alerts.channel_trial import try_page
from alerts.channels import CHANNELS
from alerts.channels.kinds import ChannelKind, SettingField
from alerts.models import NotificationChannel
from alerts.services.channels import check_channel, rotate_secrets, save_channel, settings_to_save
from tradewatch.core.admin import faults_as_messages
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import admin_actor

PREFIX = "setting_"


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The fields of the model and those of the kind, as `form_for` adds them."""

    channel_kind: ChannelKind
    made: Mapping[str, str] = {}

    class Meta:
        model = NotificationChannel
        fields = (
            "name", "project", "is_enabled", "sends_resolves", "limit_per_minute", "title_template", "text_template",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.kind = self.channel_kind.name
        stored = self.instance.settings
        for field in self.channel_kind.fields:
            name = PREFIX + field.name
            if field.is_secret:
                self.fields[name].help_text = _secret_help(field, is_stored=bool(stored.get(field.name)))
            else:
                self.initial[name] = _as_text(stored.get(field.name, field.default))

    def clean(self) -> dict[str, Any]:
        """Ask the service's questions, so that each refusal stands beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        entered = {field.name: _as_value(field, cleaned.get(PREFIX + field.name)) for field in self.channel_kind.fields}
        self.instance.settings, self.made = settings_to_save(self.instance, entered)
        for name in ("title_template", "text_template"):
            setattr(self.instance, name, cleaned.get(name, ""))
        try:
            check_channel(self.instance, now=timezone.now())
        except Invalid as fault:
            own = {field.name for field in self.channel_kind.fields}
            errors = {PREFIX + name if name in own else name: texts for name, texts in fault.errors.items()}
            raise ValidationError(errors) from fault
        return cleaned


def form_for(kind: ChannelKind) -> type[ChannelForm]:
    fields = {PREFIX + field.name: _form_field(field) for field in kind.fields}
    return type("KindForm", (ChannelForm,), {"channel_kind": kind, **fields})


@admin.register(NotificationChannel)
class ChannelAdmin(RuleAdmin):
    list_display = ("name", "kind_label", "project", "is_enabled", "sends_resolves", "last_tested_at", "last_answer")
    list_filter = ("kind", "is_enabled", "project")
    list_select_related = ("project",)
    search_fields = ("name",)
    actions = ("rotate",)
    actions_detail = ("preview_and_test",)

    @admin.display(description="kind", ordering="kind")
    def kind_label(self, channel: NotificationChannel) -> str:
        kind = CHANNELS.get(channel.kind)
        return kind.label if kind else channel.kind

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if request.GET.get("kind") not in CHANNELS and self.has_add_permission(request):
            context = {**self.admin_site.each_context(request), "title": "Add a channel", "kinds": CHANNELS.values()}
            return TemplateResponse(request, "admin/alerts/choose_channel.html", {**context, "opts": self.opts})
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def get_form(self, request: HttpRequest, obj: NotificationChannel | None = None, **kwargs: Any) -> Any:
        name = obj.kind if obj else request.GET.get("kind", "email")
        kwargs["form"] = form_for(CHANNELS.get(name, CHANNELS["email"]))
        kwargs["fields"] = None
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: NotificationChannel | None = None) -> Any:
        kind = CHANNELS.get(obj.kind if obj else request.GET.get("kind", "email"), CHANNELS["email"])
        about = ("name", "project", "is_enabled", "sends_resolves", "limit_per_minute")
        return (
            (None, {"fields": about}),
            (kind.label, {"fields": tuple(PREFIX + field.name for field in kind.fields)}),
            ("Own words", {"fields": ("title_template", "text_template")}),
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changed = [name.removeprefix(PREFIX) for name in form.changed_data]
        was_in = form.initial.get("project")
        try:
            save_channel(admin_actor(request), obj, was_in=was_in, changed=changed, now=timezone.now())
        except NotAllowed as fault:
            raise PermissionDenied(fault.detail) from fault
        _show_once(request, form.made)

    @admin.action(description="Replace the secret, and let both sign", permissions=["change"])
    def rotate(self, request: HttpRequest, channels: QuerySet[NotificationChannel]) -> None:
        for channel in channels:
            with faults_as_messages(request):
                _show_once(request, rotate_secrets(admin_actor(request), channel))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(lambda request, pk: try_page(self, request, pk))
        own = path("<int:pk>/try/", view, name="alerts_notificationchannel_try")
        return [own, *super().get_urls()]

    @action(description="Preview and test", url_path="preview-and-test")
    def preview_and_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:alerts_notificationchannel_try", args=[object_id]))


def _show_once(request: HttpRequest, made: Mapping[str, str]) -> None:
    for label, value in made.items():
        messages.success(request, f"{label}, shown this once, for the receiver: {value}")


def _form_field(field: SettingField) -> forms.CharField:
    widget: forms.Widget = UnfoldAdminTextInputWidget()
    if field.is_secret:
        widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    elif field.is_list:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return forms.CharField(
        label=field.label, help_text=field.help, required=False, widget=widget, max_length=2000, strip=True
    )


def _secret_help(field: SettingField, *, is_stored: bool) -> str:
    stored = "One is stored; leave empty to keep it." if is_stored else ""
    return " ".join(part for part in (field.help, stored) if part)


def _as_text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def _as_value(field: SettingField, text: str | None) -> Any:
    if not field.is_list:
        return text or ""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
