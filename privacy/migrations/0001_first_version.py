import django.db.models.deletion
import socialapp.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('privacy', '0001_initial'), ('privacy', '0002_comment_filters'), ('privacy', '0003_restrictions_and_cases'), ('privacy', '0004_cases_of_open_reports'), ('privacy', '0005_reported_conversations'), ('privacy', '0006_personal_feed_moved')]

    initial = True

    dependencies = [
        ('accounts', '0001_first_version'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PrivacySettings',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='privacy', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('is_private', models.BooleanField(default=False, verbose_name='private account')),
                ('findable', models.BooleanField(default=True, verbose_name='allow others to find me')),
                ('message_audience', models.CharField(choices=[('everyone', 'Everyone'), ('following', 'People I follow'), ('friends', 'Friends'), ('nobody', 'Nobody')], default='everyone', max_length=12, verbose_name='who can message me')),
                ('comment_audience', models.CharField(choices=[('everyone', 'Everyone'), ('following', 'People I follow'), ('friends', 'Friends'), ('nobody', 'Nobody')], default='everyone', max_length=12, verbose_name='who can comment')),
                ('duet_audience', models.CharField(choices=[('everyone', 'Everyone'), ('following', 'People I follow'), ('friends', 'Friends'), ('nobody', 'Nobody')], default='everyone', max_length=12, verbose_name='who can duet')),
                ('stitch_audience', models.CharField(choices=[('everyone', 'Everyone'), ('following', 'People I follow'), ('friends', 'Friends'), ('nobody', 'Nobody')], default='everyone', max_length=12, verbose_name='who can stitch')),
                ('download_audience', models.CharField(choices=[('everyone', 'Everyone'), ('following', 'People I follow'), ('friends', 'Friends'), ('nobody', 'Nobody')], default='everyone', max_length=12, verbose_name='who can download')),
                ('mention_audience', models.CharField(choices=[('everyone', 'Everyone'), ('following', 'People I follow'), ('friends', 'Friends'), ('nobody', 'Nobody')], default='everyone', max_length=12, verbose_name='who can mention me')),
                ('filter_spam', models.BooleanField(default=True, verbose_name='hold comments that look like spam')),
                ('approve_comments', models.BooleanField(default=False, verbose_name='approve every comment')),
                ('comment_keywords', models.JSONField(blank=True, default=list, verbose_name='words to hold comments for')),
                ('following_audience', models.CharField(choices=[('public', 'Everyone'), ('followers', 'Followers'), ('friends', 'Friends'), ('only_me', 'Only me')], default='public', max_length=12, verbose_name='who sees whom I follow')),
                ('followers_audience', models.CharField(choices=[('public', 'Everyone'), ('followers', 'Followers'), ('friends', 'Friends'), ('only_me', 'Only me')], default='public', max_length=12, verbose_name='who sees who follows me')),
                ('friends_audience', models.CharField(choices=[('public', 'Everyone'), ('followers', 'Followers'), ('friends', 'Friends'), ('only_me', 'Only me')], default='public', max_length=12, verbose_name='who sees my friends')),
                ('likes_audience', models.CharField(choices=[('public', 'Everyone'), ('followers', 'Followers'), ('friends', 'Friends'), ('only_me', 'Only me')], default='only_me', max_length=12, verbose_name='who sees what I like')),
                ('read_receipts', models.BooleanField(default=True, verbose_name='read receipts')),
                ('show_activity', models.BooleanField(default=True, verbose_name='show when I am online')),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'privacy settings',
                'verbose_name_plural': 'privacy settings',
            },
        ),
        migrations.CreateModel(
            name='BlockedTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.CharField(max_length=100, verbose_name='word or phrase')),
                ('folded', models.CharField(editable=False, max_length=200, unique=True)),
                ('act', models.CharField(choices=[('hold', 'Hold for a moderator'), ('refuse', 'Refuse')], default='hold', max_length=6, verbose_name='what happens')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('added_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'blocked term',
                'verbose_name_plural': 'blocked terms',
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('target_type', models.CharField(max_length=12)),
                ('target_id', models.BigIntegerField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed')], default='open', max_length=6)),
                ('severity', models.PositiveSmallIntegerField(default=0)),
                ('reports_count', models.PositiveIntegerField(default=0)),
                ('rule', models.CharField(blank=True, choices=[('term', 'A blocked term'), ('links', 'A burst of links'), ('duplicate', 'Like media that was removed or published before'), ('velocity', 'A new account that publishes very fast'), ('repeated', 'The same words to many people')], max_length=10)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='cases', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'case',
                'verbose_name_plural': 'cases',
                'indexes': [models.Index(fields=['state', '-severity', '-reports_count', 'id'], name='case_queue')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('target_type', 'target_id'), name='case_once_while_open')],
            },
        ),
        migrations.CreateModel(
            name='DataExport',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Being made'), ('ready', 'Ready'), ('failed', 'Failed'), ('expired', 'Expired')], default='queued', max_length=8)),
                ('stage', models.CharField(blank=True, max_length=60)),
                ('percent', models.PositiveSmallIntegerField(default=0)),
                ('file', models.CharField(blank=True, max_length=200)),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('lease_token', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ready_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='data_exports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'data download',
                'verbose_name_plural': 'data downloads',
                'indexes': [models.Index(fields=['state', 'lease_until'], name='data_export_queue')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('queued', 'running'))), fields=('person',), name='data_export_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('act', models.CharField(choices=[('dismiss', 'Dismiss'), ('label', 'Label as sensitive'), ('restrict', 'Restrict'), ('remove', 'Remove'), ('warn', 'Warn'), ('suspend', 'Suspend'), ('ban', 'Ban')], max_length=8)),
                ('reason', models.CharField(blank=True, choices=[('spam', 'Spam or scam'), ('harassment', 'Harassment or bullying'), ('hate', 'Hate'), ('violence', 'Violence or danger'), ('sexual', 'Nudity or sexual content'), ('minor', 'Endangers a minor'), ('self_harm', 'Self-harm'), ('rights', "Uses someone's work or likeness"), ('false', 'Misleading'), ('other', 'Something else')], max_length=12)),
                ('statement', models.CharField(blank=True, max_length=2000)),
                ('excerpt', models.CharField(blank=True, max_length=300)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('before', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='privacy.case')),
                ('moderator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'decision',
                'verbose_name_plural': 'decisions',
                'indexes': [models.Index(fields=['person', '-id'], name='decision_of_person')],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(max_length=2000)),
                ('state', models.CharField(choices=[('open', 'Open'), ('granted', 'Granted'), ('refused', 'Refused')], default='open', max_length=7)),
                ('answer', models.CharField(blank=True, max_length=2000)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='appeal', to='privacy.decision')),
            ],
            options={
                'verbose_name': 'appeal',
                'verbose_name_plural': 'appeals',
                'indexes': [models.Index(fields=['state', 'id'], name='appeal_queue')],
            },
        ),
        migrations.CreateModel(
            name='Mute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('muted', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mutes_received', to=settings.AUTH_USER_MODEL)),
                ('muter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mutes_made', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'mute',
                'verbose_name_plural': 'mutes',
                'constraints': [models.UniqueConstraint(fields=('muter', 'muted'), name='mute_once')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('target_type', models.CharField(choices=[('person', 'Person'), ('video', 'Clip'), ('comment', 'Comment'), ('message', 'Message'), ('sound', 'Sound'), ('conversation', 'Conversation')], max_length=12)),
                ('target_id', models.BigIntegerField()),
                ('reason', models.CharField(choices=[('spam', 'Spam or scam'), ('harassment', 'Harassment or bullying'), ('hate', 'Hate'), ('violence', 'Violence or danger'), ('sexual', 'Nudity or sexual content'), ('minor', 'Endangers a minor'), ('self_harm', 'Self-harm'), ('rights', "Uses someone's work or likeness"), ('false', 'Misleading'), ('other', 'Something else')], max_length=12)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('state', models.CharField(choices=[('open', 'Open'), ('acted', 'Acted on'), ('dismissed', 'Dismissed')], default='open', max_length=10)),
                ('handled_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='privacy.case')),
                ('handled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports_handled', to=settings.AUTH_USER_MODEL)),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports_made', to=settings.AUTH_USER_MODEL)),
                ('target_person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports_received', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'indexes': [models.Index(fields=['state', '-id'], name='report_queue'), models.Index(fields=['target_type', 'target_id'], name='report_target')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('reporter', 'target_type', 'target_id'), name='report_once_while_open')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('restricted', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='restrictions_received', to=settings.AUTH_USER_MODEL)),
                ('restricter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='restrictions_made', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'restriction',
                'verbose_name_plural': 'restrictions',
                'constraints': [models.UniqueConstraint(fields=('restricter', 'restricted'), name='restriction_once'), models.CheckConstraint(condition=models.Q(('restricter', models.F('restricted')), _negated=True), name='restriction_not_oneself')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('verb', models.CharField(max_length=40)),
                ('target_type', models.CharField(max_length=20)),
                ('target_id', models.BigIntegerField()),
                ('detail', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit log',
                'indexes': [models.Index(fields=['target_type', 'target_id'], name='audit_target')],
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('blocked', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks_received', to=settings.AUTH_USER_MODEL)),
                ('blocker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks_made', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'block',
                'verbose_name_plural': 'blocks',
                'constraints': [models.UniqueConstraint(fields=('blocker', 'blocked'), name='block_once'), models.CheckConstraint(condition=models.Q(('blocker', models.F('blocked')), _negated=True), name='block_not_oneself')],
            },
        ),
    ]
