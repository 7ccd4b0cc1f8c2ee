from django.db import migrations
from django.db.models import F

BATCH = 1000


def count_changes(apps, schema_editor):
    """Messages that stand already: each was changed last when it was written, and search can find it."""
    from socialapp.lib.disguise import fold

    Message = apps.get_model("messaging", "Message")
    apps.get_model("messaging", "Conversation").objects.update(last_change=F("last_seq"))
    Message.objects.update(change=F("seq"))
    last = 0
    while rows := list(Message.objects.filter(pk__gt=last).exclude(text="").order_by("pk")[:BATCH]):
        for row in rows:
            row.search_text = fold(row.text)
        Message.objects.bulk_update(rows, ["search_text"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_groups_announcements_and_push")]

    operations = [migrations.RunPython(count_changes, migrations.RunPython.noop)]
