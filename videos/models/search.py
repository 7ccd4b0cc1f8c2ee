"""The index that search stands on: words, where they occur, and how they look with one letter gone. Rows are derived.

Who may find what is not here: whatever is found goes through the gate.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelsearch import index


class SearchKind(models.IntegerChoices):
    """What can be found. Numbers, since each occurrence of a word says one."""

    VIDEO = 1, _("Clip")
    PERSON = 2, _("Person")
    SOUND = 3, _("Sound")
    TAG = 4, _("Tag")
    CHALLENGE = 5, _("Challenge")


class SearchDocument(index.Indexed, models.Model):
    """What is indexed of one clip, person, sound, tag or challenge. With `due_at` it waits to be indexed: the row is the queue.

    `subject` is an id without a foreign key: what it names may be gone by the time the index hears of it.
    """

    kind = models.PositiveSmallIntegerField(choices=SearchKind.choices)
    subject = models.BigIntegerField()
    text = models.TextField(blank=True)  # folded (videos.search.words); empty until it is indexed
    rank = models.PositiveSmallIntegerField(default=0)  # how popular, in steps (videos.search.indexing)
    due_at = models.DateTimeField(null=True, blank=True)

    # What modelsearch tells an OpenSearch cluster, where there is one (videos.search.cluster); never by itself.
    search_auto_update = False
    search_fields: ClassVar = [
        index.SearchField("text"),
        index.AutocompleteField("text"),
        index.FilterField("kind"),
        index.FilterField("rank"),
        index.FilterField("subject"),
    ]

    class Meta:
        verbose_name, verbose_name_plural = _("search entry"), _("search entries")
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="search_document_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="search_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class SearchWord(models.Model):
    """One word (or two neighbouring letters of a script without spaces) of what can be found, folded."""

    text = models.CharField(max_length=40, unique=True)
    uses = models.IntegerField(default=0)  # documents that hold it; a word of none is deleted

    class Meta:
        verbose_name, verbose_name_plural = _("search word"), _("search words")

    def __str__(self) -> str:
        return self.text


class SearchVariant(models.Model):
    """A word with at most one letter gone: two words one edit apart share one (Garbe's SymSpell, 2012)."""

    pk = models.CompositePrimaryKey("key", "word_id")
    key = models.CharField(max_length=7, db_index=False)
    # Deleted by its key together with its word; an index by word, and a constraint, would double the table.
    word = models.ForeignKey(
        SearchWord, models.DO_NOTHING, related_name="variants", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name, verbose_name_plural = _("variant of a search word"), _("variants of search words")

    def __str__(self) -> str:
        return f"{self.key} of {self.word_id}"


class SearchPosting(models.Model):
    """That a word occurs in something. The key is the order results are read in: best first, without sorting.

    Every posting of one thing has its rank, so that things with two words are met by the key as well.
    """

    pk = models.CompositePrimaryKey("word_id", "kind", "rank", "subject")
    # No foreign key: the indexer writes and deletes both, and the look at each word's row would double the cost.
    word_id = models.BigIntegerField()
    kind = models.PositiveSmallIntegerField(choices=SearchKind.choices)
    rank = models.PositiveSmallIntegerField()
    subject = models.BigIntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("occurrence of a search word"), _("occurrences of search words")

    def __str__(self) -> str:
        return f"{self.word_id} in {self.kind} {self.subject}"
