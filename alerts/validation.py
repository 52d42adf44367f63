"""What a person may enter for matchers, label names and windows: faults with place and reason, beside the field."""

from django.core.exceptions import ValidationError

from alerts.matchers import fault_in_matchers
from tradewatch.calendars.window_text import WindowFault, parse_windows

MAX_LABEL_NAMES = 20


def validate_matchers(text: str) -> None:
    if fault := fault_in_matchers(text):
        raise ValidationError(fault, code="matchers")


def validate_label_names(names: object) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValidationError('expected a list of label names, e.g. ["project", "category"]', code="labels")
    if len(names) > MAX_LABEL_NAMES:
        raise ValidationError(f"at most {MAX_LABEL_NAMES} names", code="labels")


def validate_windows(written: object) -> None:
    try:
        parse_windows(written)
    except WindowFault as fault:
        raise ValidationError(str(fault), code="windows") from None
