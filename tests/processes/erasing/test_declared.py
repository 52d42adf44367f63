"""A column that no list names may hold a person that nobody erases: so none is left out."""

from django.apps import apps

from tradewatch.processes.erasing.columns import INBOX, MAILS, columns_to_declare, walks
from tradewatch.processes.erasing.declared import DECLARED

OURS = list(apps.get_models())


def test_every_column_that_could_hold_a_word_is_declared() -> None:
    """Declare a new one in `erasing.declared`: what it holds of persons, and so how it is searched."""
    missing = [
        f"{model._meta.label}.{name}"
        for model in OURS
        for name in columns_to_declare(model)
        if name not in DECLARED.get(model._meta.label, {})
    ]
    assert missing == []


def test_nothing_is_declared_that_is_not_there() -> None:
    known = {model._meta.label: {field.name for field in model._meta.local_fields} for model in OURS}
    gone = [f"{label}.{name}" for label, fields in DECLARED.items() for name in fields if name not in known[label]]
    assert gone == []


def test_with_a_project_all_is_walked_that_belongs_to_one() -> None:
    everywhere = {walk.label for walk in walks(None)}
    of_none = everywhere - {walk.label for walk in walks(1)}
    assert {INBOX, MAILS} < everywhere
    assert "errors.InternalError" in of_none and "errors.EventPayload" not in of_none
    paths = {walk.label: walk.project_paths for walk in walks(1)}
    assert paths["errors.EventPayload"] == ("event__project_id",)
    assert "session__project_id" in paths["debugging.Replay"]
    assert set(paths["alerts.TimelineEntry"]) == {"alert__project_id", "group__project_id"}
