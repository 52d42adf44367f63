"""Every table that there is, filled and read back: the same values give the same rows on SQLite and on PostgreSQL."""

from typing import Any

import orjson
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Field, Model

from tradewatch.core.tables import fill, own_source, raise_last_ids
from tradewatch.core.tables.portable import table_of
from tradewatch.processes.backup.contents import CONFIGURATION, INBOX, LEFT_OUT, tables
from tradewatch.processes.backup.dumping import sum_of
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db
MODELS = list(apps.get_models(include_auto_created=True))
ROWS = 3
# What happened, and how things stand: in every backup but those of the configuration.
DATA = frozenset(
    {
        *("admin.LogEntry", "core.AuditEntry", "core.IdempotentAnswer", "core.Pulse", "core.Tally"),
        *("projects.Release", "projects.ReleaseSighting", "processes.Erasure"),
        *("inbox.QueuedEnvelope", "inbox.Cursor", "inbox.DeadLetter", "inbox.KeptItem", "inbox.AttachmentChunk"),
        *("ingest.RelayEntry", "ingest.RelayUpstream"),
        *("errors.Event", "errors.EventPayload", "errors.Issue", "errors.IssueHash", "errors.TagCount"),
        *("errors.IssueUser", "errors.IssueUserAlias", "errors.Activity", "errors.Bookmark", "errors.InternalError"),
        *("metrics.Counter", "metrics.Histogram", "metrics.SeriesSketch", "metrics.UserSketch", "metrics.Metric"),
        *("metrics.MetricSeries", "metrics.MetricBucket", "metrics.MetricFold", "metrics.MetricReceipt"),
        *("alerts.Alert", "alerts.AlertGroup", "alerts.GroupMember", "alerts.Companion", "alerts.OccurrenceRecord"),
        *("alerts.TimelineEntry", "alerts.Notification", "alerts.TokenBucket", "alerts.Digest", "alerts.TakenIn"),
        *("alerts.HeartbeatEntry", "alerts.WeeklyReport"),
        *("performance.CheckResult", "performance.CheckSpan", "performance.Host"),
        *("performance.DiskSample", "performance.DiskWatch", "performance.LogBlock", "performance.LogReceipt"),
        *("performance.KeptTransaction", "performance.KeptTransactionPayload", "performance.SeenTransaction"),
        *("performance.TransactionGroup", "performance.TransactionBucket", "performance.TaggedMinute"),
        *("performance.SpanGroup", "performance.SpanBucket", "performance.TraceHour", "performance.TraceFinding"),
        *("sla.MinuteBlock", "sla.HourSpread", "sla.TargetNews", "sla.Correction", "sla.ClosedPeriod"),
        *("sla.Report", "sla.ReportMailing"),
        *("releases.Deployment", "releases.DeploymentLook", "releases.Rollback", "releases.BudgetReading"),
        *("releases.GateAnswer", "releases.GateOverride", "releases.Commit", "releases.CommitFile"),
        *("releases.ReleaseCommit", "releases.ReleaseDetail", "releases.ReleaseArtifact", "releases.UploadedChunk"),
        *("debugging.DebugSession", "debugging.SessionSnapshot", "debugging.SessionStep", "debugging.SessionEntry"),
        *("debugging.ErrorContext", "debugging.Pattern", "debugging.PatternRun", "debugging.Simulation"),
        *("debugging.Replay", "debugging.ReplayBatch", "debugging.BrowserReplay", "debugging.BrowserReplayRef"),
        *("debugging.BrowserReplaySegment",),
    }
)
TEXTS = ["", "Zürich \\ \t\n \\N \"quoted\" 'twice' 🚨", "0"]
DOCUMENTS = [{"b": [1, 2.5, None, 10**16], "a": "é \\u"}, [1e22, 1e-7, 1764167000123456789], {}]
BY_TYPE: dict[str, list[Any]] = {
    "BooleanField": [0, 1, 0],
    "DateTimeField": ["2026-11-26 14:30:00", "1970-01-01 00:00:00.000001", "2100-12-31 23:59:59.999999"],
    "DateField": ["2026-11-26", "2024-02-29", "1999-12-31"],
    "TimeField": ["09:30:00", "00:00:00", "23:59:59"],
    "JSONField": [orjson.dumps(each, option=orjson.OPT_SORT_KEYS).decode() for each in DOCUMENTS],
    "BinaryField": [b"", bytes(range(256)), b"\\x00"],
    "FloatField": [0.1, -1e300, 5.0],
    "GenericIPAddressField": ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.7"],
}


def value(field: "Field[Any, Any]", number: int) -> Any:
    """Return an odd value for the field that no other row of the table has where that matters."""
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]
    kind = field.get_internal_type()
    if kind == "UUIDField":
        return f"{number:032x}"
    if kind == "DecimalField":
        return f"{['0.1', '-7', '0.999'][number][: 3 + number]:0<1}"
    if kind in BY_TYPE:
        return BY_TYPE[kind][number]
    if kind in ("CharField", "TextField", "SlugField"):
        return (f"{number}{TEXTS[number]}")[: field.max_length]
    return number + 1


@pytest.fixture
def _unchecked() -> Any:
    """Values that no constraint knows, and references to nothing: taken back before anybody looks."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints=ON")
        else:
            cursor.execute(
                "SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', relname, conname) FROM pg_constraint "
                "JOIN pg_class ON pg_class.oid = conrelid WHERE contype = 'c' AND relnamespace = 'public'::regnamespace"
            )
            for (drop,) in cursor.fetchall():
                cursor.execute(drop)
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints=OFF")


@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_a_table_gives_back_what_it_was_filled_with(model: type[Model], _unchecked: None) -> None:
    table = table_of(model)
    rows = [tuple(value(field, number) for field in model._meta.concrete_fields) for number in range(ROWS)]
    with transaction.atomic():
        fill(table, iter(rows))
        found = [tuple(row) for row in own_source().rows(table)]
        transaction.set_rollback(True)
    kinds = [column.kind for column in table.columns]
    expected = [tuple(_decimal(each, kind) for each, kind in zip(row, kinds, strict=True)) for row in rows]
    assert found == expected
    assert sum_of(found) == sum_of(expected)


def _decimal(each: Any, kind: str) -> Any:
    return f"{float(each):.{int(kind[8:])}f}" if kind.startswith("decimal:") else each


def test_new_ids_go_on_after_the_last_that_was_given() -> None:
    table = table_of(Team)
    fill(table, [[value(field, 0) for field in Team._meta.concrete_fields]])
    raise_last_ids([table], {table.name: 41})
    assert Team.objects.create(name="next", slug="next").pk == 42


def test_lists_name_what_there_is() -> None:
    labels = {model._meta.label for model in MODELS}
    assert labels >= CONFIGURATION | LEFT_OUT
    assert not CONFIGURATION & LEFT_OUT


def test_of_every_model_somebody_decided_whether_it_is_configuration() -> None:
    """Put a new one into CONFIGURATION (`backup.contents`), or here: what people set would be lost without a word."""
    labels = {model._meta.label for model in MODELS}
    assert sorted(labels - CONFIGURATION - LEFT_OUT - DATA) == []
    assert labels >= DATA
    assert not DATA & (CONFIGURATION | LEFT_OUT)


def test_everything_but_logins_is_kept() -> None:
    kept = {table.name for table in tables(MODELS, configuration=False)} | {INBOX.name}
    assert {model._meta.db_table for model in MODELS} - kept == {
        *("accounts_sessionrecord", "django_session"),
        *("axes_accessattempt", "axes_accessattemptexpiration", "axes_accessfailurelog", "axes_accesslog"),
    }


def test_configuration_refers_to_nothing_but_configuration() -> None:
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if model._meta.label in CONFIGURATION
        and field.related_model
        and field.related_model._meta.label not in CONFIGURATION
    ]
    assert loose == []
