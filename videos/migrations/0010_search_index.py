"""What search stands on: documents, words, their variants, and where they occur."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0009_feeds_and_discovery"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchPosting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "word_id",
                        "kind",
                        "rank",
                        "subject",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("word_id", models.BigIntegerField()),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Clip"), (2, "Person"), (3, "Sound"), (4, "Tag"), (5, "Challenge")]
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField()),
                ("subject", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "occurrence of a search word",
                "verbose_name_plural": "occurrences of search words",
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=40, unique=True)),
                ("uses", models.IntegerField(default=0)),
            ],
            options={
                "verbose_name": "search word",
                "verbose_name_plural": "search words",
            },
        ),
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Clip"), (2, "Person"), (3, "Sound"), (4, "Tag"), (5, "Challenge")]
                    ),
                ),
                ("subject", models.BigIntegerField()),
                ("text", models.TextField(blank=True)),
                ("rank", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="search_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "subject"), name="search_document_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchVariant",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "word_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=7)),
                (
                    "word",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="variants",
                        to="videos.searchword",
                    ),
                ),
            ],
            options={
                "verbose_name": "variant of a search word",
                "verbose_name_plural": "variants of search words",
            },
        ),
    ]
