"""Notifications tell of duets and stitches, and each of their people has the comment that is theirs.

Until now only the notification itself had one: the latest. Where a person's own cannot be found any more, they drop out
of what was told of them; the comment itself is where it was.
"""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def give_people_their_comments(apps, schema_editor):
    Comment = apps.get_model("videos", "Comment")
    Notification = apps.get_model("messaging", "Notification")
    NotificationActor = apps.get_model("messaging", "NotificationActor")
    told_of = Notification.objects.filter(pk=OuterRef(OuterRef("notification")))
    own = Comment.objects.filter(author=OuterRef("person"))
    latest = own.filter(pk__in=told_of.values("comment")).values("pk")[:1]
    entries = NotificationActor.objects.filter(comment=None)
    entries.filter(notification__comment__isnull=False).update(comment=Subquery(latest))
    below = own.filter(video__in=told_of.values("video")).order_by("-pk").values("pk")[:1]
    entries.filter(notification__kind__in=("comment", "comment_held")).update(comment=Subquery(below))


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0008_previews"),
        ("messaging", "0005_changes_of_messages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("follow", "Follow"),
                    ("follow_request", "Follow request"),
                    ("follow_accepted", "Request accepted"),
                    ("like", "Like"),
                    ("comment", "Comment"),
                    ("comment_held", "Comment to review"),
                    ("reply", "Reply"),
                    ("mention", "Mention"),
                    ("remix", "Duet or stitch"),
                    ("message_request", "Message request"),
                    ("clip_ready", "Clip ready"),
                    ("clip_failed", "Clip failed"),
                    ("moderation", "Moderation"),
                    ("report_handled", "Report handled"),
                    ("export_ready", "Download ready"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunPython(give_people_their_comments, migrations.RunPython.noop),
    ]
