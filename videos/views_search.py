"""The page that searches. search.html gets: q, kind and kinds (what is searched for), recent (one's past searches, while
nothing is asked), meant (what one may have meant), cards or people or sounds or tags or challenges, next_cursor.
`?fragment=1` answers the next page's rows only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from . import access, actions
from .search import finding, suggesting

# The tabs, in this order; by default the first.
KINDS = (
    ("videos", gettext_lazy("Clips")),
    ("people", gettext_lazy("People")),
    ("sounds", gettext_lazy("Sounds")),
    ("tags", gettext_lazy("Tags")),
    ("challenges", gettext_lazy("Challenges")),
)


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("type") or KINDS[0][0]
    question, cursor = request.GET.get("q", ""), request.GET.get("cursor") or None
    only_list = "fragment" in request.GET
    found = finding.find(request.user, kind, question, cursor)
    if not cursor and not only_list:
        actions.remember_search(request.user, question)
    context = {
        "q": question,
        "kind": kind,
        "kinds": KINDS,
        "title": _("Search"),
        "meant": found.meant,
        "cards" if kind == "videos" else kind: found.results,
        "next_cursor": found.page.next_cursor,
        "fragment": only_list,
    }
    if not question.strip():
        context["recent"] = [suggesting.recent_row(row) for row in access.recent_searches(request.user)]
    return render(request, "videos/search_results.html" if only_list else "videos/search.html", context)
