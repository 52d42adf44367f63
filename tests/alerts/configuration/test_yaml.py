"""The configuration out as YAML and in again: same file, same rows; every fault with its place, nothing half done."""

from datetime import UTC, date, datetime, time

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from alerts.configuration.reading import import_yaml
from alerts.configuration.writing import export_yaml
from alerts.models import (
    AlertClassificationRule,
    AlertRule,
    EscalationPolicy,
    EscalationStep,
    EscalationTarget,
    Heartbeat,
    Inhibition,
    MaintenanceWindow,
    NotificationChannel,
    QuietHours,
    Rotation,
    RotationMember,
    Route,
    Schedule,
)
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)


@pytest.fixture
def everything() -> None:
    """One of each, and each reference."""
    project = make_project("trading-api")
    mara, tomas = (User.objects.create_user(name, is_staff=True) for name in ("mara", "tomas"))
    team = Team.objects.create(name="Risk", slug="risk")
    slack = NotificationChannel(name="Desk", kind="webhook")
    slack.settings = {"url": "https://hooks.example.com/desk", "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
    slack.save()
    quiet = QuietHours.objects.create(name="Nights", windows=[{"times": ["22:00-06:00"], "zone": "Europe/London"}])
    schedule = Schedule.objects.create(name="Primary", zone="America/New_York")
    rotation = Rotation.objects.create(
        schedule=schedule, name="Weekly", starts_on=date(2026, 11, 2), handoff_time=time(9), kind="weekly"
    )
    for at, user in enumerate((mara, tomas)):
        RotationMember.objects.create(rotation=rotation, user=user, position=at)
    policy = EscalationPolicy.objects.create(name="Desk first", repeats=2)
    first = EscalationStep.objects.create(policy=policy, position=0)
    EscalationTarget.objects.create(step=first, kind="schedule", schedule=schedule)
    second = EscalationStep.objects.create(policy=policy, position=1, wait_seconds=600)
    EscalationTarget.objects.create(step=second, kind="channel", channel=slack)
    root = Route.objects.get(parent=None)
    orders = Route.objects.create(parent=root, name="Orders", matchers='source="orders"', policy=policy, position=10)
    orders.channels.add(slack)
    orders.quiet_hours.add(quiet)
    Route.objects.create(parent=orders, name="Batch", matchers="environment=batch", tells_nobody=True)
    Inhibition.objects.create(name="Venue down", source="source=venue", target="source=orders", equal=["environment"])
    AlertClassificationRule.objects.create(name="Risk owns", matchers="source=risk", team=team, severity="critical")
    MaintenanceWindow.objects.create(project=project, name="Upgrade", starts_at=NOW, ends_at=NOW.replace(hour=18))
    AlertRule.objects.create(project=project, name="Rejects", kind="metric", series="orders.rejected", threshold=5)
    Heartbeat.objects.create(
        project=project,
        slug="settle",
        name="Settlement",
        environment="production",
        schedule_kind="cron",
        cron="30 2 * * *",
    )


def bring_in(text: str, **options) -> object:
    return import_yaml(SYSTEM, text, **{"applies": True, "now": NOW, **options})


def rows() -> int:
    models = (
        AlertRule,
        EscalationStep,
        EscalationTarget,
        Rotation,
        RotationMember,
        Route,
        NotificationChannel,
        Heartbeat,
    )
    return sum(model.objects.count() for model in models)


def test_the_same_file_changes_nothing(everything: None) -> None:
    text, before = export_yaml(SYSTEM), rows()
    outcome = bring_in(text, removes=True)
    assert (outcome.faults, outcome.created, outcome.changed, outcome.removed) == ([], [], [], [])
    assert outcome.unchanged > 15
    assert (export_yaml(SYSTEM), rows()) == (text, before)


def test_a_file_says_what_people_would_and_no_secret(everything: None) -> None:
    text = export_yaml(SYSTEM)
    assert "whsec_" not in text
    read = yaml.safe_load(text)
    assert read["channels"] == [
        {"name": "Desk", "kind": "webhook", "settings": {"url": "https://hooks.example.com/desk"}}
    ]
    assert read["policies"][0]["steps"][1] == {
        "position": 1,
        "wait_seconds": 600,
        "targets": [{"kind": "channel", "channel": "Desk"}],
    }
    root = read["routes"][0]
    assert [route["name"] for route in root["routes"]] == ["Orders"]
    assert root["routes"][0]["routes"] == [{"name": "Batch", "matchers": "environment=batch", "tells_nobody": True}]
    assert read["schedules"][0]["rotations"][0]["members"] == [{"user": "mara"}, {"user": "tomas", "position": 1}]


def test_an_empty_install_becomes_the_one_that_was_exported(everything: None) -> None:
    text = export_yaml(SYSTEM)
    Route.objects.exclude(parent=None).delete()
    for model in (Heartbeat, EscalationPolicy, Schedule, NotificationChannel, QuietHours, MaintenanceWindow):
        model.objects.all().delete()
    AlertRule.objects.filter(is_default=False).delete()
    outcome = bring_in(text)
    assert outcome.faults == []
    assert [note.partition(" until")[0] for note in outcome.notes] == ["Channel Desk is off"]
    again = yaml.safe_load(export_yaml(SYSTEM))
    wanted = yaml.safe_load(text)
    assert again["channels"][0].pop("is_enabled") is False
    assert again == wanted
    entry = AuditEntry.objects.get(action="alerting.import")
    assert entry.changes["created"][0] >= 6


def test_a_stored_secret_and_open_groups_routes_survive_a_change(everything: None) -> None:
    read = yaml.safe_load(export_yaml(SYSTEM))
    orders = Route.objects.get(name="Orders")
    read["routes"][0]["routes"][0]["group_wait_seconds"] = 90
    read["channels"][0]["settings"]["url"] = "https://hooks.example.com/other"
    outcome = bring_in(yaml.safe_dump(read))
    assert outcome.changed == ["channels: Desk", "routes: Orders"]
    assert Route.objects.get(name="Orders", group_wait_seconds=90).pk == orders.pk
    settings = NotificationChannel.objects.get().settings
    assert settings["url"] == "https://hooks.example.com/other"
    assert settings["secret"].startswith("whsec_")


def test_what_the_file_leaves_out_stays_unless_it_is_to_go(everything: None) -> None:
    read = yaml.safe_load(export_yaml(SYSTEM))
    read["rules"] = [rule for rule in read["rules"] if rule["name"] != "Rejects"]
    read["routes"][0]["routes"][0]["routes"] = []
    outcome = bring_in(yaml.safe_dump(read))
    assert outcome.removed == ["routes: Batch"]
    assert AlertRule.objects.filter(name="Rejects").exists()
    assert bring_in(yaml.safe_dump(read), removes=True).removed == ["rules: Rejects"]


def test_what_is_still_used_cannot_go(everything: None) -> None:
    before = export_yaml(SYSTEM)
    outcome = bring_in("version: 1\npolicies: []", removes=True)
    assert outcome.faults == ["policies: Desk first is still used by route Orders"]
    assert export_yaml(SYSTEM) == before


def test_a_check_changes_nothing(everything: None) -> None:
    read = yaml.safe_load(export_yaml(SYSTEM))
    read["rules"] = [rule | {"threshold": 9.0} if rule["name"] == "Rejects" else rule for rule in read["rules"]]
    outcome = bring_in(yaml.safe_dump(read), applies=False)
    assert outcome.changed == ["rules: Rejects"]
    assert AlertRule.objects.get(name="Rejects").threshold == 5
    assert not AuditEntry.objects.filter(action="alerting.import").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "line 1, column 5: not YAML"),
        ("- 1", "expected a mapping with `version: 1`"),
        ("version: 2", "expected a mapping with `version: 1`"),
        ("version: 1\nrulez: []", "rulez: no section of that name"),
        ("version: 1\nrules: 5", "rules: expected a list"),
        ("version: 1\nrules: [5]", "rules[0]: expected a mapping"),
        ("version: 1\nrules: [{name: A, kind: metric, thresold: 5}]", "rules[0].thresold: no such field"),
        ("version: 1\nrules: [{name: A, kind: metric, threshold: 5}]", "rules[0].series: name what is counted"),
        ("version: 1\nrules: [{name: A, kind: nonsense}]", "rules[0].kind: "),
        ("version: 1\nrules: [{name: A, kind: latency, window_seconds: soon}]", "rules[0].window_seconds: "),
        (
            "version: 1\nrules: [{name: A, kind: new_issue, project: nowhere}]",
            "rules[0].project: no project called 'nowhere'",
        ),
        ("version: 1\nroutes: []", "routes: expected one route, the root"),
        ("version: 1\nroutes: [{name: R, routes: [{name: A, matchers: 'a=~(('}]}]", "routes[0].routes[0].matchers: "),
        (
            "version: 1\nroutes: [{name: R, routes: [{name: A, channels: [Nope]}]}]",
            "channels: no notification channel called",
        ),
        ("version: 1\nquiet_hours: [{name: Q, windows: [{times: ['25:00-26:00']}]}]", "quiet_hours[0].windows: "),
        ("version: 1\nchannels: [{name: C, kind: pigeon}]", "channels[0].kind: expected one of"),
        (
            "version: 1\nrules: [{name: A, kind: new_issue}, {name: A, kind: new_issue}]",
            "rules[1]: the same project and name",
        ),
        (
            "version: 1\npolicies: [{name: P, steps: [{targets: [{kind: user}]}]}]",
            "policies[0].steps[0].targets[0].user: choose one",
        ),
        ("version: 1\nrules: !!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_a_fault_is_told_with_its_place_and_nothing_changes(everything: None, text: str, says: str) -> None:
    before = export_yaml(SYSTEM)
    outcome = bring_in(text)
    assert any(says in fault for fault in outcome.faults), outcome.faults
    assert export_yaml(SYSTEM) == before


def test_only_administrators_export_and_import() -> None:
    user = User.objects.create_user("mara", is_staff=True)
    actor = Actor(kind="user", id=user.pk, label="mara")
    for act in (lambda: export_yaml(actor), lambda: import_yaml(actor, "version: 1", applies=True, now=NOW)):
        with pytest.raises(NotAllowed):
            act()


def test_the_command_checks_applies_and_says_what_is_wrong(everything: None, tmp_path, capsys) -> None:
    call_command("alerting", "export")
    text = capsys.readouterr().out
    file = tmp_path / "alerting.yaml"
    file.write_text(text.replace("threshold: 5.0", "threshold: 7.0"))
    call_command("alerting", "import", str(file), "--check")
    assert "would be changed: rules: Rejects" in capsys.readouterr().out
    call_command("alerting", "import", str(file))
    assert AlertRule.objects.get(name="Rejects").threshold == 7
    file.write_text("version: 3")
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("alerting", "import", str(file))
