import accounts.models
import accounts.usernames
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import phonenumber_field.modelfields
import socialapp.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_names_deletion_suspension'), ('accounts', '0003_business'), ('accounts', '0004_follow_back')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('username', models.CharField(error_messages={'unique': 'This user name is taken. Choose another one.'}, max_length=24, unique=True, validators=[accounts.usernames.validate_username], verbose_name='user name')),
                ('display_name', models.CharField(blank=True, max_length=50, verbose_name='name')),
                ('bio', models.CharField(blank=True, max_length=300, verbose_name='bio')),
                ('pronouns', models.CharField(blank=True, max_length=30, verbose_name='pronouns')),
                ('avatar', models.ImageField(blank=True, upload_to=accounts.models.avatar_path, verbose_name='picture')),
                ('phone', phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, null=True, region=None, unique=True, verbose_name='phone')),
                ('phone_verified_at', models.DateTimeField(blank=True, null=True)),
                ('birth_date', models.DateField(blank=True, null=True, verbose_name='birth date')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('interests', models.JSONField(blank=True, default=list, verbose_name='interests')),
                ('is_business', models.BooleanField(default=False, verbose_name='business account')),
                ('deactivated_at', models.DateTimeField(blank=True, null=True)),
                ('suspended_until', models.DateTimeField(blank=True, null=True)),
                ('is_limited', models.BooleanField(default=False, verbose_name='limited')),
                ('followers_count', models.PositiveIntegerField(default=0)),
                ('following_count', models.PositiveIntegerField(default=0)),
                ('videos_count', models.PositiveIntegerField(default=0)),
                ('likes_count', models.PositiveIntegerField(default=0)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='username_ignores_case')],
            },
            managers=[
                ('objects', accounts.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='BusinessProfile',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='business', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('category', models.CharField(choices=[('arts', 'Arts and culture'), ('beauty', 'Beauty and care'), ('brand', 'Brand or maker'), ('education', 'Education'), ('events', 'Events and venues'), ('fashion', 'Fashion'), ('finance', 'Finance and insurance'), ('fitness', 'Sport and fitness'), ('food', 'Food and drink'), ('games', 'Games'), ('health', 'Health'), ('home', 'Home and garden'), ('media', 'News and media'), ('music', 'Music'), ('nonprofit', 'Association or charity'), ('public', 'Public service'), ('services', 'Services'), ('shop', 'Shop'), ('tech', 'Technology'), ('travel', 'Travel'), ('other', 'Something else')], max_length=10, verbose_name='category')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='contact e-mail')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='contact phone')),
                ('website', models.CharField(blank=True, max_length=200, verbose_name='website')),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'business profile',
                'verbose_name_plural': 'business profiles',
            },
        ),
        migrations.CreateModel(
            name='Deletion',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='deletion', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('erase_at', models.DateTimeField(db_index=True)),
                ('lease_token', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'deletion',
                'verbose_name_plural': 'deletions',
            },
        ),
        migrations.CreateModel(
            name='FollowBackSettings',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='follow_back', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('minimum', models.PositiveSmallIntegerField(default=0)),
                ('topics', models.JSONField(blank=True, default=list)),
                ('posted_within', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('most_following', models.PositiveIntegerField(blank=True, null=True)),
                ('digest', models.BooleanField(default=False, verbose_name='weekly mail of people to follow back')),
                ('digest_due_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('digest_leased_until', models.DateTimeField(blank=True, null=True)),
                ('digest_sent_at', models.DateTimeField(blank=True, null=True)),
                ('scored_at', models.DateTimeField(blank=True, null=True)),
                ('known_since', models.DateField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'follow-back settings',
                'verbose_name_plural': 'follow-back settings',
            },
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.BigIntegerField(default=socialapp.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('pending', 'Asked'), ('accepted', 'Follows')], default='accepted', max_length=8)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('followed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follows_received', to=settings.AUTH_USER_MODEL)),
                ('follower', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follows_made', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'follow',
                'verbose_name_plural': 'follows',
                'indexes': [models.Index(fields=['followed', 'state', '-id'], name='follow_received'), models.Index(fields=['follower', 'state', '-id'], name='follow_made')],
                'constraints': [models.UniqueConstraint(fields=('follower', 'followed'), name='follow_once'), models.CheckConstraint(condition=models.Q(('follower', models.F('followed')), _negated=True), name='follow_not_oneself')],
            },
        ),
        migrations.CreateModel(
            name='FollowerScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('views', models.PositiveIntegerField(default=0)),
                ('likes', models.PositiveIntegerField(default=0)),
                ('comments', models.PositiveIntegerField(default=0)),
                ('shares', models.PositiveIntegerField(default=0)),
                ('score', models.PositiveIntegerField(default=0)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': "follower's engagement",
                'verbose_name_plural': "followers' engagement",
                'indexes': [models.Index(fields=['creator', '-score'], name='follower_score_best')],
                'constraints': [models.UniqueConstraint(fields=('creator', 'person'), name='follower_score_once')],
            },
        ),
        migrations.CreateModel(
            name='FormerUsername',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=24)),
                ('until', models.DateTimeField(db_index=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_usernames', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'former user name',
                'verbose_name_plural': 'former user names',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='former_username_once')],
            },
        ),
        migrations.CreateModel(
            name='OneTimeCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('delete', 'Delete the account')], max_length=10)),
                ('sent_to', models.CharField(max_length=254)),
                ('digest', models.CharField(max_length=64)),
                ('flow', models.CharField(max_length=64)),
                ('tries_left', models.PositiveSmallIntegerField(default=3)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='one_time_codes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'one-time code',
                'verbose_name_plural': 'one-time codes',
                'constraints': [models.UniqueConstraint(fields=('person', 'purpose'), name='one_time_code_newest')],
            },
        ),
    ]
