"""Tables whose rows are never updated, held by the database itself. Migrations of the past call this: it stays."""

from typing import Any

from django.db import migrations


def never_updated(table: str, *, trigger: str, function: str, refusal: str) -> migrations.RunPython:
    """Return the operation that lets the database refuse every UPDATE of the table with these words.

    `function` is the trigger's on PostgreSQL.
    """
    install = {
        "sqlite": [
            f"""CREATE TRIGGER IF NOT EXISTS {trigger} BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{refusal}'); END"""
        ],
        "postgresql": [
            f"""CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"CREATE TRIGGER {trigger} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
        ],
    }
    remove = {
        "sqlite": [f"DROP TRIGGER IF EXISTS {trigger}"],
        "postgresql": [f"DROP TRIGGER IF EXISTS {trigger} ON {table}", f"DROP FUNCTION IF EXISTS {function}()"],
    }
    return migrations.RunPython(_executing(install), _executing(remove))


def _executing(statements: dict[str, list[str]]) -> Any:
    def execute(apps: Any, schema_editor: Any) -> None:
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement)

    return execute
