"""The form of what a target promises: for a new one, a further version, and what-if."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from sla.choices import CalendarUnit, Indicator, WindowKind
from sla.models import Target, TargetVersion
from sla.rules import PROMISED, Promise
from sla.services.targets import changed_promise, checked, promise_of
from sla.words import plain
from tradewatch.core.faults import Fault
from tradewatch.projects.models import Project

THRESHOLDS = ("target_value", "warning_threshold", "critical_threshold")
COUNTED = ("indicator", "environment", "definition", "slice_seconds", "slice_target", "counts_empty_slices")
WINDOW = ("window", "window_days", "window_unit", "zone", "market", "excluded_times")
BURN = ("least_events",)
DEFINITION_HELP = (
    'JSON with what the indicator needs, e.g. {"threshold_seconds": 0.3}, {"transaction": "POST /orders"}, '
    '{"tag": {"key": "venue", "value": "XNYS"}}, {"check": 3}. Empty: all requests, or all checks.'
)


def _text(**more: Any) -> forms.CharField:
    return forms.CharField(required=False, widget=UnfoldAdminTextInputWidget, **more)


def _number(**more: Any) -> forms.DecimalField:
    return forms.DecimalField(max_digits=20, decimal_places=9, widget=UnfoldAdminDecimalFieldWidget, **more)


def _written(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value


class PromiseForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """After `is_valid` `promise` is what the fields say, completed and free of faults."""

    indicator = forms.ChoiceField(choices=Indicator.choices, widget=UnfoldAdminSelectWidget)
    environment = _text(max_length=64, help_text="Empty: all.")
    definition = forms.JSONField(
        required=False, help_text=DEFINITION_HELP, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    slice_seconds = forms.IntegerField(
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Timeslices: whole slices of so many seconds are good or bad. Empty: events are counted.",
    )
    slice_target = _number(required=False, help_text="The ratio from which a slice is good.")
    counts_empty_slices = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget, help_text="A slice without data is a good one."
    )
    target_value = _number(help_text="Ratios from 0 to 1, e.g. 0.999; seconds for a response time.")
    warning_threshold = _number()
    critical_threshold = _number()
    window = forms.ChoiceField(choices=WindowKind.choices, initial="rolling", widget=UnfoldAdminSelectWidget)
    window_days = forms.IntegerField(initial=30, widget=UnfoldAdminIntegerFieldWidget, help_text="Of rolling days.")
    window_unit = forms.ChoiceField(
        choices=CalendarUnit.choices,
        initial="month",
        widget=UnfoldAdminSelectWidget,
        help_text="Of calendar periods and of market sessions.",
    )
    zone = forms.CharField(initial="UTC", widget=UnfoldAdminTextInputWidget, help_text="Of calendar periods.")
    market = _text(max_length=12, help_text="Of market sessions, e.g. XNYS.")
    excluded_times = _text(
        max_length=300, help_text="Recurring times left out, e.g. 09:30-09:31, 15:59-16:00 America/New_York"
    )
    least_events = forms.IntegerField(
        initial=0,
        min_value=0,
        max_value=2_147_483_647,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Burn alerts need so many events in the long window.",
    )

    class Meta:
        model = Target
        fields: tuple[str, ...] = ()

    newest: TargetVersion | None = None
    promise: Promise

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        target: Target | None = kwargs.get("instance")
        if target is not None and target.pk:
            self.newest = target.versions.select_related("measure").latest("number")
            known = {name: _written(getattr(self.newest, name)) for name in PROMISED}
            kwargs["initial"] = {**known, "seen": self.newest.number, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if self.newest is not None:
            self.fields["indicator"].disabled = True
            self.fields["indicator"].help_text = "Stays: for another one create another target."

    def clean(self) -> dict[str, Any]:
        """Ask the service's questions, so that each refusal stands beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        project: Project | None = cleaned.get("project") or (self.instance.project if self.instance.pk else None)
        if self.errors or project is None:
            return cleaned
        try:
            self.promise = checked(self._wanted(cleaned), project)
        except Fault as fault:
            texts = fault.errors or {"": [fault.detail]}
            raise ValidationError(
                {name if name in self.fields else "__all__": many for name, many in texts.items()}
            ) from fault
        return cleaned

    def _wanted(self, cleaned: dict[str, Any]) -> Promise:
        values = {name: cleaned[name] for name in PROMISED if name in cleaned}
        values["definition"] = values.get("definition") or {}
        if values["window"] != WindowKind.MARKET:
            values["market"] = ""
        return changed_promise(promise_of(self.newest), values) if self.newest else Promise(**values)


class TargetForm(PromiseForm):
    """The admin's: a new target, or the next version of one, with the reason and the version that was seen."""

    reason = _text(max_length=300, help_text="Why: it stands with the version for good.")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta(PromiseForm.Meta):
        fields = ("project", "metric_name", "title")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.newest is None or self.errors:
            return cleaned
        if cleaned.get("seen") not in (None, self.newest.number):
            raise ValidationError(
                f"Version {self.newest.number} by {self.newest.actor} came while you edited: open the page anew."
            )
        if self.promise != promise_of(self.newest) and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Say why: what is promised changes.")
        return cleaned
