from django.core.exceptions import ValidationError
from django.db import models

from tradewatch.errors.fingerprinting import MATCHERS, fault_in_matcher, fault_in_template
from tradewatch.projects.models import Project


class FingerprintRule(models.Model):
    """Says which events of a project belong together. The first match in `position` wins.

    Each matcher is a regular expression (RE2, searched anywhere, case-insensitive); an empty one matches everything;
    all of a rule's matchers must match, and at least one is needed. `project` None: every project. What was grouped
    before a change stays where it is.
    """

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=100)
    is_enabled = models.BooleanField(default=True)
    exception_type = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=200, blank=True)
    module = models.CharField(max_length=200, blank=True, help_text="of a frame")
    function = models.CharField(max_length=200, blank=True, help_text="of the same frame")
    path = models.CharField(max_length=200, blank=True, help_text="file of the same frame")
    transaction = models.CharField(max_length=200, blank=True)
    logger = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=200, blank=True, help_text="e.g. ^(error|fatal)$")
    environment = models.CharField(max_length=200, blank=True)
    release = models.CharField(max_length=200, blank=True)
    tag = models.CharField(max_length=200, blank=True, help_text="key=pattern, e.g. venue=^lmax$")
    fingerprint = models.CharField(
        max_length=500,
        help_text="Parts, separated by commas: words, {{ default }}, {{ type }}, {{ message }}, {{ module }}, "
        "{{ function }}, {{ path }}, {{ transaction }}, {{ logger }}, {{ level }}, {{ environment }}, {{ release }}, "
        "{{ tags.NAME }}. E.g. order-rejected, {{ tags.venue }}",
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what the engine could not use, each fault at its field with its place."""
        faults = {name: fault for name in MATCHERS if (fault := fault_in_matcher(name, getattr(self, name)))}
        if fault := fault_in_template(self.fingerprint):
            faults["fingerprint"] = fault
        if faults:
            raise ValidationError(faults)
        if not any(getattr(self, name) for name in MATCHERS):
            raise ValidationError("A rule needs at least one matcher: without any it would join all events.")
