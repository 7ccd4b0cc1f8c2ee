"""Where SEARCH_URL names an OpenSearch cluster, it is told what changes and asked first; else the database's index answers."""

import io
import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db.models import Q
from modelsearch.backends.elasticsearchbase import (
    ElasticsearchBaseMapping,
    ElasticsearchBaseSearchQueryCompiler,
)
from modelsearch.query import Fuzzy, PlainText

from videos.models import SearchDocument
from videos.search import cluster, indexing
from videos.search.finding import find

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


class Cluster:
    """Stands for modelsearch's backend: keeps what it is told, answers with what `said` holds, or is away."""

    def __init__(self):
        self.kept, self.asked, self.said, self.is_away = {}, [], [], False

    def _here(self):
        if self.is_away:
            raise ConnectionError("no cluster")

    def add_bulk(self, model, documents):
        self._here()
        self.kept |= {(d.kind, d.subject): d.text for d in documents}

    def delete(self, document):
        self._here()
        self.kept.pop((document.kind, document.subject), None)

    def search(self, query, documents, **options):
        self._here()
        self.asked.append((type(query).__name__, query.query_string, options))
        return list(documents.filter(subject__in=self.said)) if isinstance(query, PlainText) else []

    def autocomplete(self, text, documents, **options):
        self._here()
        self.asked.append(("autocomplete", text, options))
        return []

    def get_index_for_model(self, model):
        return self

    def reset(self):
        self._here()
        self.kept.clear()


@pytest.fixture
def remote(settings, monkeypatch):
    settings.SEARCH_URL, settings.SEARCH_IN_BACKGROUND = "opensearch://search.example:9200", True
    backend = Cluster()
    monkeypatch.setattr(cluster, "_backend", lambda: backend)
    return backend


def test_the_cluster_is_told_what_appears_and_goes(remote, cast, make_video):
    clip = make_video(cast.alice, caption="Harbour")
    indexing.index_due()
    assert remote.kept[1, clip.pk] == "harbour"
    pk = clip.pk
    clip.delete()
    indexing.index_due()
    assert (1, pk) not in remote.kept


def test_the_cluster_proposes_and_the_gate_decides(remote, cast, make_video):
    shown = make_video(cast.alice, caption="whatever")
    hidden = make_video(cast.alice, caption="secret", audience="only_me")
    indexing.index_due()
    remote.said = [shown.pk, hidden.pk]
    assert find(NOBODY, "videos", "Harbour  Lights").page.items == [shown]
    assert [(sort, text) for sort, text, _options in remote.asked] == [
        ("PlainText", "harbour  lights"),
        ("autocomplete", "harbour  lights"),
        ("Fuzzy", "harbour  lights"),
    ]


def test_while_the_cluster_is_away_the_database_answers_and_nothing_is_lost(remote, cast, make_video):
    remote.is_away = True
    clip = make_video(cast.alice, caption="Harbour")
    indexing.index_due()
    assert find(NOBODY, "videos", "habrour").page.items == [clip]
    pk = clip.pk
    clip.delete()
    indexing.index_due()
    assert SearchDocument.objects.filter(kind=1, subject=pk, due_at__isnull=False, text="").exists()
    remote.is_away = False
    assert indexing.index_due() > 0
    assert not SearchDocument.objects.filter(kind=1, subject=pk).exists()
    assert remote.kept[2, cast.bob.pk] == "bob bob"


def test_the_index_is_made_anew_in_the_cluster_too(remote, cast, make_video):
    clip = make_video(cast.alice, caption="Harbour")
    remote.kept[1, 404] = "what only the cluster still knew"
    call_command("rebuild_search", stdout=io.StringIO())
    assert remote.kept[1, clip.pk] == "harbour"
    assert (1, 404) not in remote.kept


def test_nothing_is_thrown_away_while_the_cluster_is_away(remote, cast, make_video):
    clip = make_video(cast.alice, caption="Harbour")
    indexing.index_due()
    remote.is_away = True
    with pytest.raises(CommandError, match=r"SEARCH_URL .* nothing was changed: no cluster"):
        call_command("rebuild_search")
    assert find(NOBODY, "videos", "harbour").page.items == [clip]


class Compiler(ElasticsearchBaseSearchQueryCompiler):
    mapping_class = ElasticsearchBaseMapping


@pytest.mark.parametrize("query", [PlainText("sea", operator="and"), Fuzzy("sea", operator="and")])
def test_modelsearch_takes_the_questions_with_their_place(query):
    documents = SearchDocument.objects.filter(kind=1).filter(Q(rank__lt=5) | Q(rank=5, subject__lt=9))
    compiler = Compiler(documents.order_by("-rank", "-subject"), query, order_by_relevance=False)
    compiler.check()
    asked = json.dumps(compiler.get_query())
    assert '"range": {"rank_filter": {"lt": 5}}' in asked
    assert ("fuzziness" in asked) == isinstance(query, Fuzzy)
    assert compiler.get_sort() == [{"rank_filter": "desc"}, {"subject_filter": "desc"}]
