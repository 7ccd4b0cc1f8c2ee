"""`personalised` is videos.FeedSettings.personal now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0005_reported_conversations"),
        ("videos", "0012_personal_feed_moves_here"),
    ]

    operations = [migrations.RemoveField(model_name="privacysettings", name="personalised")]
