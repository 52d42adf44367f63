from django.db import migrations

REFUSAL = "a kept report is never changed"
INSTALL = {
    "sqlite": [
        f"""CREATE TRIGGER IF NOT EXISTS sla_report_stays BEFORE UPDATE ON sla_report
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    ],
    "postgresql": [
        f"""CREATE OR REPLACE FUNCTION refuse_report_update() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE TRIGGER sla_report_stays BEFORE UPDATE ON sla_report
        FOR EACH ROW EXECUTE FUNCTION refuse_report_update()""",
    ],
}
REMOVE = {
    "sqlite": ["DROP TRIGGER IF EXISTS sla_report_stays"],
    "postgresql": [
        "DROP TRIGGER IF EXISTS sla_report_stays ON sla_report",
        "DROP FUNCTION IF EXISTS refuse_report_update()",
    ],
}


def install(apps, schema_editor):
    for statement in INSTALL[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_reports")]
    operations = [migrations.RunPython(install, remove)]
