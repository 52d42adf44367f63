import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("errors", "0005_issue_triage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('resolved', 'Resolved'), ('ignored', 'Ignored'), ('reopened', 'Reopened'), ('assigned', 'Assigned'), ('priority', 'Priority'), ('note', 'Note'), ('merged', 'Merged'), ('unmerged', 'Unmerged'), ('undone', 'Taken back'), ('regressed', 'Came back'), ('woken', 'No longer ignored')], max_length=10)),
                ('text', models.TextField()),
                ('actor_kind', models.CharField(max_length=8)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_label', models.CharField(max_length=200)),
                ('edited_at', models.DateTimeField(null=True)),
                ('undo_token', models.UUIDField(null=True)),
                ('undo', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('undone_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'activity',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='activity',
            name='issue',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='activity', to='errors.issue'),
        ),
        migrations.AddField(
            model_name='bookmark',
            name='issue',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bookmarks', to='errors.issue'),
        ),
        migrations.AddField(
            model_name='bookmark',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='bookmarks', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['issue', '-id'], name='activity_of_issue'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(condition=models.Q(('undo_token', None), _negated=True), fields=['undo_token'], name='activity_undo'),
        ),
        migrations.AddConstraint(
            model_name='bookmark',
            constraint=models.UniqueConstraint(fields=('user', 'issue'), name='bookmark_once'),
        ),
    ]
