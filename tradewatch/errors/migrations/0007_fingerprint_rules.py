import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("errors", "0006_activity_and_bookmarks"),
        ("projects", "0004_team"),
    ]
    operations = [
        migrations.CreateModel(
            name='FingerprintRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('position', models.PositiveIntegerField(default=100)),
                ('is_enabled', models.BooleanField(default=True)),
                ('exception_type', models.CharField(blank=True, max_length=200)),
                ('message', models.CharField(blank=True, max_length=200)),
                ('module', models.CharField(blank=True, help_text='of a frame', max_length=200)),
                ('function', models.CharField(blank=True, help_text='of the same frame', max_length=200)),
                ('path', models.CharField(blank=True, help_text='file of the same frame', max_length=200)),
                ('transaction', models.CharField(blank=True, max_length=200)),
                ('logger', models.CharField(blank=True, max_length=200)),
                ('level', models.CharField(blank=True, help_text='e.g. ^(error|fatal)$', max_length=200)),
                ('environment', models.CharField(blank=True, max_length=200)),
                ('release', models.CharField(blank=True, max_length=200)),
                ('tag', models.CharField(blank=True, help_text='key=pattern, e.g. venue=^lmax$', max_length=200)),
                ('fingerprint', models.CharField(help_text='Parts, separated by commas: words, {{ default }}, {{ type }}, {{ message }}, {{ module }}, {{ function }}, {{ path }}, {{ transaction }}, {{ logger }}, {{ level }}, {{ environment }}, {{ release }}, {{ tags.NAME }}. E.g. order-rejected, {{ tags.venue }}', max_length=500)),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.AddField(
            model_name='fingerprintrule',
            name='project',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='projects.project'),
        ),
    ]
