from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from alerts.models.channels import NotificationChannel
from alerts.models.escalation import EscalationPolicy
from alerts.models.windows import QuietHours
from alerts.validation import validate_label_names, validate_matchers


class Route(models.Model):
    """A node of the routing tree: which alerts, grouped how, told when and to whom. Empty: what its parent has.

    There is one root; it takes what no other route takes.
    """

    project_id = None  # a route belongs to the installation: `projects.services.rules` asks for a superuser

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    position = models.PositiveIntegerField(default=100, help_text="Among its siblings; the lowest is asked first.")
    name = models.CharField(max_length=100)
    is_enabled = models.BooleanField("enabled", default=True, help_text="Off: it and its children take nothing.")
    matchers = models.TextField(
        blank=True, validators=[validate_matchers], help_text='e.g. severity=critical, project=~"orders|risk"'
    )
    goes_on = models.BooleanField("continue", default=False, help_text="Siblings after it are asked too.")
    group_by = models.JSONField(
        null=True,
        blank=True,
        validators=[validate_label_names],
        help_text='Labels, e.g. ["project", "category"]; ["alert"]: each alert alone. The project is always one.',
    )
    group_wait_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="From the first alert to the first message; a critical one waits for nothing."
    )
    group_interval_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Between two looks for news of the group; 10 at least."
    )
    repeat_interval_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="After which what still fires is told again; 60 at least."
    )
    sends_resolved = models.BooleanField(
        null=True, blank=True, help_text="Tell each end; no: only when all has ended that was told."
    )
    mails_members = models.BooleanField(
        null=True, blank=True, help_text="E-mail to TRADEWATCH_ALERT_MAIL_TO, else to the project's people."
    )
    joins_companions = models.BooleanField(
        "joins what comes together",
        null=True,
        blank=True,
        help_text="An alert joins the open group of one that it was found to come together with. Empty: the parent's, "
        "and in the end yes, but where each alert stands alone.",
    )
    channels = models.ManyToManyField(NotificationChannel, blank=True, help_text="Told with each message of a group.")
    policy = models.ForeignKey(
        EscalationPolicy,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="routes",
        help_text="Who is asked while nobody acknowledges.",
    )
    tells_nobody = models.BooleanField(null=True, blank=True, help_text="Record these alerts, send nothing.")
    quiet_hours = models.ManyToManyField(QuietHours, blank=True, help_text="When its messages wait.")
    reminder_after_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="After an acknowledgement; 0: no reminder."
    )
    unacknowledge_after_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="After that reminder it fires again; 0: never."
    )

    class Meta:
        ordering = ["parent_id", "position", "id"]
        constraints = [
            models.UniqueConstraint(Coalesce("parent_id", 0), condition=Q(parent=None), name="route_one_root")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        faults: dict[str, str] = {}
        if self._is_under_itself():
            faults["parent"] = "a route cannot hang under itself"
        if self.parent_id is None:
            faults |= self._faults_of_root()
        for field, least in (("group_interval_seconds", 10), ("repeat_interval_seconds", 60)):
            value = getattr(self, field)
            if value is not None and value < least:
                faults[field] = f"at least {least} seconds"
        if faults:
            raise ValidationError(faults)

    def _faults_of_root(self) -> dict[str, str]:
        others: Any = Route.objects.filter(parent=None).exclude(pk=self.pk)
        if others.exists():
            return {"parent": "there is one root: choose the route that this one hangs under"}
        faults = {"matchers": "the root takes everything: leave it empty"} if self.matchers.strip() else {}
        return {**faults, **({} if self.is_enabled else {"is_enabled": "the root is always on"})}

    def _is_under_itself(self) -> bool:
        above, seen = self.parent, {self.pk} if self.pk else set()
        while above is not None:
            if above.pk in seen:
                return True
            seen.add(above.pk)
            above = above.parent
        return False
