from django.db import models


class ScheduleKind(models.TextChoices):
    CRON = "cron", "Cron"
    INTERVAL = "interval", "Interval"
    NONE = "none", "None: only failures count"


class BeatState(models.TextChoices):
    NEW = "new", "New: has never reported"
    UP = "up", "Up"
    LATE = "late", "Late, within grace"
    MISSED = "missed", "Missed"
    FAILED = "failed", "Failed"
    TOO_LONG = "too_long", "Running too long"
    PAUSED = "paused", "Paused"


class EntryKind(models.TextChoices):
    """What a line of the history tells. The first four come from outside, the others from the clock."""

    SUCCESS = "success", "Success"
    FAIL = "fail", "Failure"
    START = "start", "Start"
    LOG = "log", "Log"
    MISSED = "missed", "Did not come"
    TOO_LONG = "too_long", "Ran too long"


WRONG = (BeatState.MISSED, BeatState.FAILED, BeatState.TOO_LONG)
