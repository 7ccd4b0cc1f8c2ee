import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from socialapp.lib.partitions import CreateDailyPartitionedModel


class Migration(migrations.Migration):

    replaces = [('analytics', '0001_initial'), ('analytics', '0002_events_and_rollups'), ('analytics', '0003_engagement_due_rows')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('videos', '0001_first_version'),
    ]

    operations = [
        migrations.CreateModel(
            name='EventBatch',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('events', models.PositiveIntegerField()),
                ('flushed_at', models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={
                'verbose_name': 'event batch',
                'verbose_name_plural': 'event batches',
            },
        ),
        migrations.CreateModel(
            name='DroppedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('reason', models.CharField(choices=[('own', "The creator's own viewing"), ('hidden', 'Unknown, or not visible to the viewer'), ('replay', 'The same viewing again'), ('length', "Not this clip's length"), ('implausible', 'More watching than there was to watch'), ('gone', 'Deleted before it was counted'), ('unsigned', 'Without a visit of this site'), ('bot', 'A program that reads pages')], max_length=12)),
                ('events', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'dropped events',
                'verbose_name_plural': 'dropped events',
                'constraints': [models.UniqueConstraint(fields=('day', 'reason'), name='dropped_day_once')],
            },
        ),
        migrations.CreateModel(
            name='CountryDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('country', models.CharField(blank=True, max_length=2)),
                ('views', models.PositiveIntegerField(default=0)),
                ('watch_ms', models.PositiveBigIntegerField(default=0)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='videos.video')),
            ],
            options={
                'verbose_name': 'country of a day',
                'verbose_name_plural': 'countries of days',
                'indexes': [models.Index(fields=['creator', 'day'], name='country_day_of_creator')],
                'constraints': [models.UniqueConstraint(fields=('video', 'day', 'country'), name='country_day_once')],
            },
        ),
        migrations.CreateModel(
            name='CreatorDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('impressions', models.PositiveIntegerField(default=0)),
                ('views', models.PositiveIntegerField(default=0)),
                ('watch_ms', models.PositiveBigIntegerField(default=0)),
                ('likes', models.IntegerField(default=0)),
                ('comments', models.IntegerField(default=0)),
                ('shares', models.IntegerField(default=0)),
                ('saves', models.IntegerField(default=0)),
                ('profile_views', models.PositiveIntegerField(default=0)),
                ('followers_new', models.PositiveIntegerField(default=0)),
                ('followers_lost', models.PositiveIntegerField(default=0)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': "creator's day",
                'verbose_name_plural': "creators' days",
                'constraints': [models.UniqueConstraint(fields=('creator', 'day'), name='creator_day_once')],
            },
        ),
        migrations.CreateModel(
            name='EngagementDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField(db_index=True)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'engagement to tell of',
                'verbose_name_plural': 'engagement to tell of',
                'constraints': [models.UniqueConstraint(fields=('creator', 'due_on'), name='engagement_due_once')],
            },
        ),
        migrations.CreateModel(
            name='EngagementWeek',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField()),
                ('views', models.PositiveIntegerField(default=0)),
                ('watch_ms', models.PositiveBigIntegerField(default=0)),
                ('completions', models.PositiveIntegerField(default=0)),
                ('likes', models.PositiveIntegerField(default=0)),
                ('comments', models.PositiveIntegerField(default=0)),
                ('shares', models.PositiveIntegerField(default=0)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': "follower's week",
                'verbose_name_plural': "followers' weeks",
                'constraints': [models.UniqueConstraint(fields=('creator', 'week', 'person'), name='engagement_week_once')],
            },
        ),
        CreateDailyPartitionedModel(
            name='Event',
            by='at',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'Viewing'), (2, 'Impression'), (3, 'Look at a profile'), (4, 'Follow'), (5, 'Invite opened'), (6, 'Share')], default=1)),
                ('session', models.CharField(max_length=40)),
                ('source', models.CharField(choices=[('for_you', 'For You'), ('following', 'Following'), ('friends', 'Friends'), ('profile', 'Profile'), ('explore', 'Explore'), ('search', 'Search'), ('tag', 'Tag'), ('sound', 'Sound'), ('message', 'Message'), ('invite', 'Invite'), ('promoted', 'Promotion'), ('external', 'External link'), ('other', 'Other')], default='other', max_length=10)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('promotion', models.BigIntegerField(null=True)),
                ('watched_ms', models.PositiveIntegerField(default=0)),
                ('duration_ms', models.PositiveIntegerField(default=0)),
                ('loops', models.PositiveSmallIntegerField(default=0)),
                ('is_view', models.BooleanField(default=False)),
                ('is_completion', models.BooleanField(default=False)),
                ('skipped', models.BooleanField(default=False)),
                ('played', models.TextField(blank=True)),
                ('reached_before', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='videos.video')),
                ('viewer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
            },
        ),
        migrations.AddIndex('event', models.Index(fields=['creator', 'at'], name='event_of_creator')),
        migrations.AddIndex('event', models.Index(fields=['at'], name='event_at')),
        migrations.CreateModel(
            name='HourDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('hour', models.PositiveSmallIntegerField()),
                ('views', models.PositiveIntegerField(default=0)),
                ('watch_ms', models.PositiveBigIntegerField(default=0)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'hour of a day',
                'verbose_name_plural': 'hours of days',
                'constraints': [models.UniqueConstraint(fields=('creator', 'day', 'hour'), name='hour_day_once')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('audience', 'Followers'), ('follow_back', 'Follow-back')], max_length=11)),
                ('wanted_at', models.DateTimeField(db_index=True, null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(null=True)),
                ('body', models.JSONField(default=dict)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'constraints': [models.UniqueConstraint(fields=('creator', 'kind'), name='report_once')],
            },
        ),
        migrations.CreateModel(
            name='RetentionDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('reached', models.BinaryField()),
                ('replays', models.BinaryField()),
                ('skips', models.BinaryField()),
                ('creator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='videos.video')),
            ],
            options={
                'verbose_name': 'retention of a day',
                'verbose_name_plural': 'retention of days',
                'constraints': [models.UniqueConstraint(fields=('video', 'day'), name='retention_day_once')],
            },
        ),
        migrations.CreateModel(
            name='Sketch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'Viewers of a clip'), (2, 'Viewers of a creator'), (3, 'Visitors of a profile'), (4, 'Reached by a promotion')])),
                ('subject', models.BigIntegerField()),
                ('day', models.DateField()),
                ('registers', models.BinaryField()),
                ('creator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'sketch of a day',
                'verbose_name_plural': 'sketches of days',
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject', 'day'), name='sketch_once')],
            },
        ),
        migrations.CreateModel(
            name='SourceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('source', models.CharField(choices=[('for_you', 'For You'), ('following', 'Following'), ('friends', 'Friends'), ('profile', 'Profile'), ('explore', 'Explore'), ('search', 'Search'), ('tag', 'Tag'), ('sound', 'Sound'), ('message', 'Message'), ('invite', 'Invite'), ('promoted', 'Promotion'), ('external', 'External link'), ('other', 'Other')], max_length=10)),
                ('impressions', models.PositiveIntegerField(default=0)),
                ('views', models.PositiveIntegerField(default=0)),
                ('watch_ms', models.PositiveBigIntegerField(default=0)),
                ('followers_won', models.PositiveIntegerField(default=0)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='videos.video')),
            ],
            options={
                'verbose_name': 'source of a day',
                'verbose_name_plural': 'sources of days',
                'indexes': [models.Index(fields=['creator', 'day'], name='source_day_of_creator')],
                'constraints': [models.UniqueConstraint(fields=('video', 'day', 'source'), name='source_day_once')],
            },
        ),
        migrations.CreateModel(
            name='VideoDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('impressions', models.PositiveIntegerField(default=0)),
                ('views', models.PositiveIntegerField(default=0)),
                ('watch_ms', models.PositiveBigIntegerField(default=0)),
                ('completions', models.PositiveIntegerField(default=0)),
                ('skips', models.PositiveIntegerField(default=0)),
                ('rewatches', models.PositiveIntegerField(default=0)),
                ('likes', models.IntegerField(default=0)),
                ('comments', models.IntegerField(default=0)),
                ('shares', models.IntegerField(default=0)),
                ('saves', models.IntegerField(default=0)),
                ('followers_won', models.PositiveIntegerField(default=0)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='videos.video')),
            ],
            options={
                'verbose_name': "clip's day",
                'verbose_name_plural': "clips' days",
                'indexes': [models.Index(fields=['creator', 'day'], name='video_day_of_creator')],
                'constraints': [models.UniqueConstraint(fields=('video', 'day'), name='video_day_once')],
            },
        ),
    ]
