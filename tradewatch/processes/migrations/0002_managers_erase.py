from django.db import migrations

from tradewatch.projects.grants import MANAGERS, granting


class Migration(migrations.Migration):
    dependencies = [
        ("processes", "0001_erasures"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [granting("processes", (MANAGERS, ("erasure",), ("add", "view")))]
