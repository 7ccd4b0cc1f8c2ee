"""Whoever did not want their history used said so in the privacy settings before there were feed settings."""

from django.db import migrations
from django.utils import timezone


def carry_over(apps, schema_editor):
    PrivacySettings = apps.get_model("privacy", "PrivacySettings")
    FeedSettings = apps.get_model("videos", "FeedSettings")
    refused = PrivacySettings.objects.filter(personalised=False).values_list("person_id", flat=True)
    FeedSettings.objects.bulk_create(
        (
            FeedSettings(person_id=person, personal=False, changed_at=timezone.now())
            for person in refused.iterator()
        ),
        batch_size=500,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0005_reported_conversations"),
        ("videos", "0011_latest_clips_of_followed_people"),
    ]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
