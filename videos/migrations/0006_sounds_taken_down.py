"""A moderator can take a sound down, and put it back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videos", "0005_holds_limits_fingerprints")]

    operations = [
        migrations.AddField("sound", "removed_at", models.DateTimeField(blank=True, null=True)),
    ]
