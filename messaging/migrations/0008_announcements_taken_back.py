from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0007_browsers_a_push_has_reached"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="announcement", name="announcement_waiting"),
        migrations.AlterField(
            model_name="announcement",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sent", "Sent"),
                    ("stopped", "Stopped"),
                    ("undoing", "Being taken back"),
                    ("undone", "Taken back"),
                ],
                default="waiting",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="announcement",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "undoing"])),
                fields=["leased_until"],
                name="announcement_to_do",
            ),
        ),
    ]
