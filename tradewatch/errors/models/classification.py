from django.core.exceptions import ValidationError
from django.db import models

from tradewatch.errors.choices import ErrorCategory, ErrorSeverity
from tradewatch.errors.patterns import PATTERN_FIELDS, BadPattern, check_pattern, split_tag
from tradewatch.projects.models import Project


class ClassificationRule(models.Model):
    """Gives a category, and optionally a severity, to the issues it matches. The first match in `position` wins.

    Each pattern is a regular expression (RE2, searched anywhere, case-insensitive); an empty one matches everything;
    all of a rule's patterns must match. `project` None: every project.
    """

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=100)
    is_enabled = models.BooleanField(default=True)
    exception_type = models.CharField(max_length=200, blank=True)
    module = models.CharField(max_length=200, blank=True)
    transaction = models.CharField(max_length=200, blank=True)
    tag = models.CharField(max_length=200, blank=True, help_text="key=pattern, e.g. venue=^lmax$")
    message = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=20, choices=ErrorCategory.choices)
    severity = models.CharField(max_length=8, choices=ErrorSeverity.choices, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse patterns that RE2 cannot read, each fault at its field."""
        faults = {name: fault for name in PATTERN_FIELDS if (fault := _fault(getattr(self, name)))}
        key, pattern = split_tag(self.tag)
        if self.tag and (not key or (fault := _fault(pattern))):
            faults["tag"] = fault if key else "expected key=pattern"
        if faults:
            raise ValidationError(faults)


def _fault(pattern: str) -> str:
    try:
        check_pattern(pattern)
    except BadPattern as error:
        return f"not a regular expression of RE2: {error}"
    return ""
