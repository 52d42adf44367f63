"""What people write: a question, an override, a freeze. What the service refuses stands beside its field."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from releases.gate.asked import LONGEST_NAME, LONGEST_REASON, FreezeAsked, fault_in_zone, read_moment
from tradewatch.core.faults import Fault

CLOCK = "%Y-%m-%dT%H:%M"
HOURS = [(30, "30 min"), (60, "1 h"), (120, "2 h"), (240, "4 h"), (480, "8 h"), (1440, "24 h")]


class PlainForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs.setdefault("class", "input")

    def refuse(self, fault: Fault) -> None:
        for name, texts in fault.errors.items():
            self.add_error(name if name in self.fields else None, list(texts))
        if not fault.errors:
            self.add_error(None, fault.detail)


class OverrideForm(PlainForm):
    version = forms.CharField(label="Version", required=False, max_length=250, help_text="Empty: any.")
    reason = forms.CharField(label="Why", max_length=LONGEST_REASON, help_text="It stands on every answer it changes.")
    minutes = forms.TypedChoiceField(label="For", choices=HOURS, coerce=int, initial=60)


class FreezeForm(PlainForm):
    """Times are what a clock on a wall in `zone` shows."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    environment = forms.CharField(label="Environment", required=False, max_length=64, help_text="Empty: all.")
    starts_at = forms.CharField(label="From", widget=forms.DateTimeInput({"type": "datetime-local"}))
    ends_at = forms.CharField(label="Until", widget=forms.DateTimeInput({"type": "datetime-local"}))
    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        help_text="Of both times, e.g. America/New_York. A time that its clocks skip counts as the end of the gap.",
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(label="Why", required=False, max_length=LONGEST_REASON)
    all_projects = forms.BooleanField(label="All projects", required=False)

    def __init__(self, *args: Any, takes_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_all:
            del self.fields["all_projects"]

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if fault := fault_in_zone(zone):
            raise forms.ValidationError(fault)
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("starts_at", "ends_at"):
            if name not in cleaned or "zone" not in cleaned:
                continue
            read = read_moment(cleaned[name], cleaned["zone"])
            if isinstance(read, str):
                self.add_error(name, read)
            else:
                cleaned[name] = read
        return cleaned

    @property
    def asked(self) -> FreezeAsked:
        said = self.cleaned_data
        names = ("name", "starts_at", "ends_at", "zone", "environment", "reason")
        return FreezeAsked(**{name: said[name] for name in names})


def proposed(now: datetime) -> dict[str, object]:
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return {"starts_at": start.strftime(CLOCK), "ends_at": (start + timedelta(days=1)).strftime(CLOCK), "zone": "UTC"}
