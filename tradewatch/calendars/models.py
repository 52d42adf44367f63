from itertools import pairwise

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from tradewatch.calendars.wall_clock import zone_named


class MarketCalendar(models.Model):
    """A market whose sessions are known. Without loaded or written sessions it is unknown: what asks it delivers."""

    code = models.CharField(max_length=12, unique=True, help_text="E.g. XNYS, XLON, XTKS, XHKG or 24/7.")
    name = models.CharField(max_length=100)
    zone = models.CharField("time zone", max_length=64, default="UTC")
    is_always_open = models.BooleanField(default=False, help_text="No sessions: open at every moment, like 24/7.")
    is_loaded = models.BooleanField(
        "filled from exchange_calendars", default=True, help_text="Off: its sessions are written here by hand."
    )
    pre_minutes = models.PositiveSmallIntegerField(
        default=60, help_text="How long before the open a session day counts as pre-open."
    )
    loaded_at = models.DateTimeField(null=True, blank=True, editable=False)
    load_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_fault = models.CharField(max_length=300, blank=True, editable=False)
    data_until = models.DateField(null=True, blank=True, editable=False, help_text="The last day that is known.")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        try:
            zone_named(self.zone)
        except ValueError as error:
            raise ValidationError({"zone": str(error)}) from None


class MarketDay(models.Model):
    """What a market does on a day of its own zone: a session, or a closed day with a name (a holiday).

    A day without a row, within what is known, is closed. Moments are UTC. `is_edited` days survive every refresh.
    """

    calendar = models.ForeignKey(MarketCalendar, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    opens_at = models.DateTimeField(null=True, blank=True, help_text="Empty: closed all day.")
    closes_at = models.DateTimeField(null=True, blank=True)
    break_starts_at = models.DateTimeField(null=True, blank=True)
    break_ends_at = models.DateTimeField(null=True, blank=True)
    is_early_close = models.BooleanField("half day", default=False)
    name = models.CharField(max_length=100, blank=True, help_text="The holiday's name, or why the day is special.")
    is_edited = models.BooleanField("written by hand", default=False, help_text="A refresh leaves this day alone.")

    class Meta:
        ordering = ["calendar", "day"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="market_day_once"),
            models.CheckConstraint(
                condition=Q(opens_at=None, closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="market_closes_after_it_opens",
            ),
        ]
        indexes = [models.Index(fields=["calendar", "opens_at"], name="market_day_open")]

    def __str__(self) -> str:
        return f"{self.calendar} {self.day}"

    def clean(self) -> None:
        if bool(self.opens_at) != bool(self.closes_at):
            raise ValidationError({"closes_at": "a session needs its open and its close"})
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": "must come after the open"})
        if bool(self.break_starts_at) != bool(self.break_ends_at):
            raise ValidationError({"break_ends_at": "a break needs its start and its end"})
        if self.break_starts_at and self.break_ends_at and not self._holds_its_break():
            raise ValidationError({"break_ends_at": "the break must lie within the session, its end after its start"})

    def _holds_its_break(self) -> bool:
        moments = (self.opens_at, self.break_starts_at, self.break_ends_at, self.closes_at)
        known = [moment for moment in moments if moment is not None]
        return len(known) == len(moments) and all(earlier < later for earlier, later in pairwise(known))
