"""Which tables a backup holds. A model that no list names is data: in every backup but those of the configuration."""

from collections.abc import Iterable

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from tradewatch.core.tables import Column, Table, columns_of, table_of
from tradewatch.inbox.models import QueuedEnvelope

# Logins end with the installation that gave them, and a lockout is of the moment.
LEFT_OUT = frozenset(
    {
        "accounts.SessionRecord",
        "axes.AccessAttempt",
        "axes.AccessAttemptExpiration",
        "axes.AccessFailureLog",
        "axes.AccessLog",
        "sessions.Session",
    }
)
CONFIGURATION = frozenset(
    {
        *("auth.Group", "auth.Group_permissions", "auth.Permission", "contenttypes.ContentType"),
        *("auth.User", "auth.User_groups", "auth.User_user_permissions"),
        *("accounts.Authenticator", "accounts.RecoveryCode"),
        *("projects.Project", "projects.ProjectKey", "projects.Environment", "projects.Membership"),
        *("projects.Team", "projects.Team_members", "projects.ApiToken", "projects.ApiToken_projects"),
        *("calendars.MarketCalendar", "calendars.MarketDay"),
        *("alerts.AlertClassificationRule", "alerts.AlertRule", "alerts.NotificationChannel"),
        *("alerts.Schedule", "alerts.Rotation", "alerts.RotationMember", "alerts.Override"),
        *("alerts.ContactAddress", "alerts.ContactRule", "alerts.FeedLink"),
        *("alerts.EscalationPolicy", "alerts.EscalationStep", "alerts.EscalationTarget"),
        *("alerts.QuietHours", "alerts.MaintenanceWindow", "alerts.Silence", "alerts.Inhibition"),
        *("alerts.Route", "alerts.Route_channels", "alerts.Route_quiet_hours"),
        *("alerts.Heartbeat", "alerts.IntakeSource"),
        *("errors.ClassificationRule", "errors.FingerprintRule", "errors.SavedView", "errors.DefaultView"),
        *("performance.Check", "performance.PerformanceSettings"),
        *("sla.Measure", "sla.Target", "sla.TargetVersion", "sla.ReportSchedule", "sla.ReportSchedule_people"),
        *("releases.Repository", "releases.Freeze", "releases.DeploymentWindow", "releases.ReleaseSettings"),
        *("debugging.ReplayTarget", "debugging.TargetSecret", "ingest.RelaySettings"),
    }
)
# The inbox is a file on SQLite and a table on PostgreSQL; ids are given anew, in the same order.
INBOX = Table(
    QueuedEnvelope._meta.db_table, "id", tuple(each for each in columns_of(QueuedEnvelope) if each.name != "id")
)


def tables(models: Iterable[type[Model]], *, configuration: bool) -> list[Table]:
    """Return the tables to keep, by name; the inbox is not among them."""
    kept = [model for model in models if _is_kept(model._meta.label, configuration)]
    return sorted((table_of(model) for model in kept), key=lambda table: table.name)


def stored_models() -> list[type[Model]]:
    """Return the models as the database has them, which is older than the code before `migrate` has run."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return list(apps.get_models(include_auto_created=True))
    applied = [node for node in executor.loader.applied_migrations if node in executor.loader.graph.nodes]
    return list(executor.loader.project_state(applied).apps.get_models(include_auto_created=True))


def as_record(table: Table) -> dict[str, object]:
    return {"table": table.name, "key": table.key, "columns": [[each.name, each.kind] for each in table.columns]}


def as_table(record: dict[str, object]) -> Table:
    columns: list[tuple[str, str]] = record["columns"]  # type: ignore[assignment]  # as `as_record` wrote it
    return Table(str(record["table"]), str(record["key"]), tuple(Column(name, kind) for name, kind in columns))


def _is_kept(label: str, configuration: bool) -> bool:
    if label == QueuedEnvelope._meta.label:
        return False
    return label in CONFIGURATION if configuration else label not in LEFT_OUT
