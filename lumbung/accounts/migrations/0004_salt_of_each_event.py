"""Each event that was there before gets a salt of its own; they had one in common."""

from django.db import migrations

RANDOM = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "replace(gen_random_uuid()::text, '-', '')",
}


def salt(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_event SET salt = {RANDOM[connection.vendor]}")


class Migration(migrations.Migration):

    dependencies = [("accounts", "0003_audit_sealed")]

    operations = [migrations.RunPython(salt, migrations.RunPython.noop)]
