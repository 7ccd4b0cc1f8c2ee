"""A push that is tried again goes to those browsers only that do not have it yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_remixes_and_comments_of_notifications")]

    operations = [
        migrations.AddField("push", "reached", models.JSONField(blank=True, default=list)),
    ]
