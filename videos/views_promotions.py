"""The pages of promotions for those who pay for them. How they did is a page of analytics.

- studio_promotions.html: promotions (videos.cards_promotions), next_cursor, may_promote
- studio_promotion.html: promotion (with days)
- studio_promotion_form.html: form, clips (cards to choose from; empty when the clip stands), chosen, promotion (or nothing)
With `?fragment=1` only the next page of the list is answered.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import add_problem
from socialapp.lib.errors import Problem
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import keyset_page

from . import access, actions
from .cards import cards
from .cards_promotions import promotion_cards, promotion_details
from .forms_promotions import PromotionForm, beginning
from .models import Promotion, Video
from .promotions import FIELDS
from .views import _answer, _cursor

ACTS = {
    "submit": (actions.submit_promotion, gettext_lazy("Handed in. A moderator looks at it soon.")),
    "withdraw": (actions.withdraw_promotion, gettext_lazy("Taken back.")),
    "pause": (actions.pause_promotion, gettext_lazy("Paused.")),
    "resume": (actions.resume_promotion, gettext_lazy("It runs again.")),
    "end": (actions.end_promotion, gettext_lazy("Ended.")),
}
# Instead of the above, when resuming finds another clip than was approved.
WAITS_AGAIN = gettext_lazy(
    "The clip was changed since it was approved, so a moderator looks at it again before it runs."
)
CLIPS = 24  # the newest, to choose from


@login_required
@require_safe
def studio_promotions(request: HttpRequest) -> HttpResponse:
    """One's own promotions, the newest first."""
    page = keyset_page(access.own_promotions(request.user), _cursor(request))
    context = {
        "promotions": promotion_cards(request.user, page.items),
        "title": _("Promotions"),
        "may_promote": access.may_promote(request.user),
    }
    return _answer(
        request, "videos/studio_promotions.html", "videos/studio_promotions_rows.html", page, context
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def studio_promotion(request: HttpRequest, promotion_id: str) -> HttpResponse:
    """One of them, and what can be done with it (`act`)."""
    found = access.get_promotion(request.user, promotion_id)
    if request.method == "POST":
        return _do(request, found)
    context = {"promotion": promotion_details(request.user, found), "title": _("Promotion")}
    return render(request, "videos/studio_promotion.html", context)


def _do(request: HttpRequest, found: Any) -> HttpResponse:
    act = request.POST.get("act", "")
    try:
        if act == "delete":
            actions.delete_promotion(request.user, found)
            messages.success(request, _("Deleted."))
            return redirect("studio-promotions")
        if act in ACTS:
            deed, done = ACTS[act]
            row = deed(request.user, found)
            waits_again = act == "resume" and row.state == Promotion.State.SUBMITTED
            messages.success(request, str(WAITS_AGAIN if waits_again else done))
    except Problem as problem:
        messages.error(request, str(problem.message))
    return redirect("studio-promotion", found.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def studio_promotion_new(request: HttpRequest) -> HttpResponse:
    """Choose a clip (`?video=`), say for whom and how much, keep it as a draft or hand it in."""
    if not access.may_promote(request.user):
        return redirect("studio-promotions")  # which says who may
    posted = request.POST if request.method == "POST" else None
    form = PromotionForm(posted, initial=beginning())
    chosen = (posted or request.GET).get("video", "")
    if posted is not None and form.is_valid():
        try:
            clip = access.get_video(request.user, parse_id(chosen), previews=False)
            submit = posted.get("act") == "submit"
            made = actions.create_promotion(request.user, video=clip, submit=submit, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            messages.success(request, str(ACTS["submit"][1]) if submit else _("Saved as a draft."))
            return redirect("studio-promotion", made.pk)
    clips = cards(request.user, _to_choose_from(request.user, chosen))
    context = {"form": form, "clips": clips, "chosen": chosen, "promotion": None, "title": _("New promotion")}
    return render(request, "videos/studio_promotion_form.html", context, status=400 if form.errors else 200)


def _to_choose_from(viewer: access.Viewer, chosen: str) -> list[Video]:
    """The newest CLIPS, and before them the one that a link named when it is older. At most two queries."""
    clips = access.clips_to_promote(viewer)
    newest = list(clips[:CLIPS])
    if chosen and all(str(clip.pk) != chosen for clip in newest):
        return [*clips.filter(pk=parse_id(chosen)), *newest]
    return newest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def studio_promotion_edit(request: HttpRequest, promotion_id: str) -> HttpResponse:
    """Change what can be changed in the state it is in."""
    found = access.get_promotion(request.user, promotion_id)
    shown = promotion_details(request.user, found)
    if not shown["may"]["change"]:
        return redirect("studio-promotion", found.pk)
    initial = {name: getattr(found, name) for name in FIELDS} | {"countries": ", ".join(found.countries)}
    posted = request.POST if request.method == "POST" else None
    form = PromotionForm(posted, initial=initial, fields_free=shown["may"]["change"])
    if posted is not None and form.is_valid():
        try:
            actions.change_promotion(request.user, found, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("studio-promotion", found.pk)
    context = {"form": form, "clips": [], "chosen": "", "promotion": shown, "title": _("Edit promotion")}
    return render(request, "videos/studio_promotion_form.html", context, status=400 if form.errors else 200)
