from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0001_initial'),
        ('projects', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='alert',
            name='ending',
            field=models.CharField(blank=True, help_text='how it ended, in words', max_length=400),
        ),
        migrations.AddField(
            model_name='alertrule',
            name='is_default',
            field=models.BooleanField(default=False, editable=False, help_text='Came with TradeWatch: the SENTRY_ALERT_ON_* settings switch it.'),
        ),
        migrations.AddField(
            model_name='notification',
            name='may_be_repeat',
            field=models.BooleanField(default=False, help_text='an attempt before may have arrived'),
        ),
        migrations.AddField(
            model_name='notification',
            name='why',
            field=models.CharField(blank=True, help_text='why this address is told', max_length=300),
        ),
        migrations.AlterField(
            model_name='alertrule',
            name='minimum_count',
            field=models.PositiveIntegerField(default=20, help_text='Requests (or events) below which it is silent.'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, help_text='also tells a late worker that its lease is lost'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='event',
            field=models.CharField(choices=[('firing', 'It fires'), ('resolved', 'It ended')], max_length=12),
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='kind',
            field=models.CharField(choices=[('fired', 'Fired'), ('raised', 'Raised'), ('acknowledged', 'Acknowledged'), ('resolved', 'Resolved'), ('told', 'Told'), ('held', 'No mail'), ('nobody', 'Nobody to tell'), ('delayed', 'Mail delayed'), ('failed', 'Mail failed'), ('unknown', 'Mail unknown'), ('superseded', 'Mail superseded')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['project', 'dedup_key', '-id'], name='alert_history'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['resolved_at'], name='alert_age'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('state', 'sending')), fields=['lease_until'], name='notification_lease'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['created_at'], name='notification_age'),
        ),
        migrations.AddIndex(
            model_name='timelineentry',
            index=models.Index(condition=models.Q(('kind', 'held')), fields=['at'], name='timeline_held'),
        ),
    ]
