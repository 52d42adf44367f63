from django.db import migrations

REFUSAL = "audit entries are never changed"
INSTALL = {
    "sqlite": [
        f"""CREATE TRIGGER IF NOT EXISTS audit_append_only BEFORE UPDATE ON core_auditentry
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    ],
    "postgresql": [
        f"""CREATE OR REPLACE FUNCTION refuse_audit_update() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE TRIGGER audit_append_only BEFORE UPDATE ON core_auditentry
        FOR EACH ROW EXECUTE FUNCTION refuse_audit_update()""",
    ],
}
REMOVE = {
    "sqlite": ["DROP TRIGGER IF EXISTS audit_append_only"],
    "postgresql": [
        "DROP TRIGGER IF EXISTS audit_append_only ON core_auditentry",
        "DROP FUNCTION IF EXISTS refuse_audit_update()",
    ],
}


def install(apps, schema_editor):
    for statement in INSTALL[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_changes_take_times")]
    operations = [migrations.RunPython(install, remove)]
