import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("errors", "0004_saved_views"),
        ("projects", "0004_team"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name='issue',
            name='assigned_team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assigned_issues', to='projects.team'),
        ),
        migrations.AddField(
            model_name='issue',
            name='assignee',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assigned_issues', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='issue',
            name='grouped_why',
            field=models.CharField(blank=True, help_text='which fingerprint rule, and why', max_length=250),
        ),
        migrations.AddField(
            model_name='issue',
            name='has_members',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='issue',
            name='merged_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='issue',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='members', to='errors.issue'),
        ),
        migrations.AddField(
            model_name='issue',
            name='own_face',
            field=models.JSONField(blank=True, help_text='what the issue showed before it had members', null=True),
        ),
        migrations.AddField(
            model_name='issue',
            name='priority',
            field=models.CharField(choices=[('high', 'High'), ('medium', 'Medium'), ('low', 'Low')], default='medium', max_length=6),
        ),
        migrations.AddField(
            model_name='issue',
            name='priority_by',
            field=models.CharField(blank=True, help_text='who set it; empty: computed', max_length=200),
        ),
        migrations.AddField(
            model_name='issue',
            name='priority_why',
            field=models.CharField(blank=True, help_text='why this priority, in words', max_length=250),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(fields=['-last_seen_at', '-id'], name='issue_last_seen_everywhere'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('assignee', None), ('assigned_team', None), _connector='OR'), name='issue_one_assignee'),
        ),
    ]
