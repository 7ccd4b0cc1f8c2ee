import django.db.models.deletion
import socialapp.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('messaging', '0001_initial'), ('messaging', '0002_comment_to_review'), ('messaging', '0003_taken_down_messages'), ('messaging', '0004_groups_announcements_and_push'), ('messaging', '0005_changes_of_messages'), ('messaging', '0006_remixes_and_comments_of_notifications'), ('messaging', '0007_browsers_a_push_has_reached'), ('messaging', '0008_announcements_taken_back'), ('messaging', '0009_invites_accepted')]

    initial = True

    dependencies = [
        ('accounts', '0001_first_version'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('privacy', '0001_first_version'),
        ('videos', '0001_first_version'),
    ]

    operations = [
        migrations.CreateModel(
            name='AwayMessage',
            fields=[
                ('owner', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='away_message', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('text', models.CharField(max_length=500)),
                ('is_on', models.BooleanField(default=False)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('turned_on_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'away message',
                'verbose_name_plural': 'away messages',
            },
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('direct_key', models.CharField(editable=False, max_length=41, null=True, unique=True)),
                ('is_group', models.BooleanField(default=False)),
                ('name', models.CharField(blank=True, max_length=60)),
                ('last_seq', models.PositiveBigIntegerField(default=0)),
                ('last_change', models.PositiveBigIntegerField(default=0)),
                ('last_message_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'conversation',
                'verbose_name_plural': 'conversations',
            },
        ),
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(blank=True, max_length=500)),
                ('audience', models.CharField(choices=[('followers', 'Followers'), ('friends', 'Friends')], max_length=10)),
                ('is_preview', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('stopped', 'Stopped'), ('undoing', 'Being taken back'), ('undone', 'Taken back')], default='waiting', max_length=8)),
                ('reached', models.BigIntegerField(default=0)),
                ('sent_count', models.PositiveIntegerField(default=0)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='announcements', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='announcements', to='videos.video')),
            ],
            options={
                'verbose_name': 'announcement',
                'verbose_name_plural': 'announcements',
                'indexes': [models.Index(fields=['author', '-created_at'], name='announcement_of_author'), models.Index(condition=models.Q(('state__in', ['waiting', 'undoing'])), fields=['leased_until'], name='announcement_to_do')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('seq', models.PositiveBigIntegerField()),
                ('change', models.PositiveBigIntegerField(default=0)),
                ('client_id', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('text', 'Message'), ('event', 'Event'), ('announcement', 'Announcement'), ('away', 'Away message')], default='text', max_length=12)),
                ('text', models.CharField(blank=True, max_length=2000)),
                ('search_text', models.TextField(blank=True)),
                ('held_for', models.CharField(blank=True, choices=[('repeated', 'The same words to many'), ('term', 'A blocked term')], max_length=8)),
                ('answered_after', models.PositiveIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('taken_down_at', models.DateTimeField(blank=True, null=True)),
                ('announcement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to='messaging.announcement')),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='messaging.conversation')),
                ('reply_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.message')),
                ('sender', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages_sent', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='videos.video')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'indexes': [models.Index(fields=['conversation', 'change'], name='message_change'), models.Index(fields=['sender', '-created_at'], name='message_of_sender')],
                'constraints': [models.UniqueConstraint(fields=('conversation', 'seq'), name='message_seq_once'), models.UniqueConstraint(fields=('sender', 'client_id'), name='message_client_id_once')],
            },
        ),
        migrations.CreateModel(
            name='HiddenMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hidden', to='messaging.message')),
            ],
            options={
                'verbose_name': 'hidden message',
                'verbose_name_plural': 'hidden messages',
                'constraints': [models.UniqueConstraint(fields=('person', 'message'), name='hidden_message_once')],
            },
        ),
        migrations.CreateModel(
            name='MessageImage',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('file', models.CharField(max_length=120)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('blurhash', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='images', to='messaging.conversation')),
                ('message', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='image', to='messaging.message')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'picture of a message',
                'verbose_name_plural': 'pictures of messages',
                'indexes': [models.Index(condition=models.Q(('message', None)), fields=['created_at'], name='image_without_message')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('follow', 'Follow'), ('follow_request', 'Follow request'), ('follow_accepted', 'Request accepted'), ('invite_accepted', 'Invite accepted'), ('like', 'Like'), ('comment', 'Comment'), ('comment_held', 'Comment to review'), ('reply', 'Reply'), ('mention', 'Mention'), ('remix', 'Duet or stitch'), ('message_request', 'Message request'), ('clip_ready', 'Clip ready'), ('clip_failed', 'Clip failed'), ('moderation', 'Moderation'), ('report_handled', 'Report handled'), ('export_ready', 'Download ready')], max_length=16)),
                ('group_key', models.CharField(max_length=60)),
                ('actors_count', models.PositiveIntegerField(default=1)),
                ('text', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='videos.comment')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('video', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='videos.video')),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'indexes': [models.Index(fields=['recipient', '-updated_at', '-id'], name='notification_inbox')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('read_at', None)), fields=('recipient', 'group_key'), name='notification_group_once_unread')],
            },
        ),
        migrations.CreateModel(
            name='NotificationActor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='videos.comment')),
                ('notification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actors', to='messaging.notification')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'person of a notification',
                'verbose_name_plural': 'people of a notification',
                'constraints': [models.UniqueConstraint(fields=('notification', 'person'), name='notification_actor_once')],
            },
        ),
        migrations.CreateModel(
            name='NotificationSettings',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notification_settings', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('channels', models.JSONField(blank=True, default=dict)),
                ('quiet_from', models.TimeField(blank=True, null=True)),
                ('quiet_to', models.TimeField(blank=True, null=True)),
                ('time_zone', models.CharField(blank=True, max_length=64)),
                ('digest', models.CharField(choices=[('off', 'Never'), ('daily', 'Once a day'), ('weekly', 'Once a week')], default='weekly', max_length=6)),
                ('digest_due_at', models.DateTimeField(blank=True, null=True)),
                ('digest_leased_until', models.DateTimeField(blank=True, null=True)),
                ('digest_sent_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'notification settings',
                'verbose_name_plural': 'notification settings',
                'indexes': [models.Index(condition=models.Q(('digest_due_at__isnull', False)), fields=['digest_due_at'], name='digest_due')],
            },
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('active', 'Active'), ('request', 'Request'), ('left', 'Left')], default='active', max_length=8)),
                ('read_seq', models.PositiveBigIntegerField(default=0)),
                ('last_seq', models.PositiveBigIntegerField(default=0)),
                ('last_message_at', models.DateTimeField(blank=True, null=True)),
                ('cleared_seq', models.PositiveBigIntegerField(default=0)),
                ('muted', models.BooleanField(default=False)),
                ('announcements_muted', models.BooleanField(default=False)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('pinned_at', models.DateTimeField(blank=True, null=True)),
                ('is_admin', models.BooleanField(default=False)),
                ('waiting_since', models.DateTimeField(blank=True, null=True)),
                ('away_told_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
                ('added_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='messaging.conversation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'participant',
                'verbose_name_plural': 'participants',
                'indexes': [models.Index(fields=['person', 'state', '-last_message_at'], name='participant_inbox')],
                'constraints': [models.UniqueConstraint(fields=('conversation', 'person'), name='participant_once')],
            },
        ),
        migrations.CreateModel(
            name='Push',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('seq', models.PositiveBigIntegerField(default=0)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('dropped', 'Dropped')], default='waiting', max_length=7)),
                ('due_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('reached', models.JSONField(blank=True, default=list)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='messaging.conversation')),
                ('notification', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='messaging.notification')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'push',
                'verbose_name_plural': 'pushes',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='push_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('person', 'notification'), name='push_notification_once'), models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('person', 'conversation'), name='push_conversation_once')],
            },
        ),
        migrations.CreateModel(
            name='PushSubscription',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('session', models.CharField(db_index=True, max_length=32)),
                ('endpoint', models.TextField()),
                ('endpoint_hash', models.CharField(max_length=64, unique=True)),
                ('p256dh', models.CharField(max_length=120)),
                ('auth', models.CharField(max_length=40)),
                ('browser', models.CharField(blank=True, max_length=60)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('last_sent_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='push_subscriptions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'push subscription',
                'verbose_name_plural': 'push subscriptions',
            },
        ),
        migrations.CreateModel(
            name='QuickReply',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quick_replies', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'quick reply',
                'verbose_name_plural': 'quick replies',
            },
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('emoji', models.CharField(max_length=16)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reactions', to='messaging.message')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'reaction',
                'verbose_name_plural': 'reactions',
                'constraints': [models.UniqueConstraint(fields=('message', 'person'), name='reaction_once')],
            },
        ),
        migrations.CreateModel(
            name='ReportedMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='messaging.message')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='privacy.report')),
            ],
            options={
                'verbose_name': 'reported message',
                'verbose_name_plural': 'reported messages',
                'constraints': [models.UniqueConstraint(fields=('report', 'message'), name='reported_message_once')],
            },
        ),
    ]
