"""The offline shell: a service worker that answers a page request with one drawn page when there is no network.

It keeps nothing that belongs to a person: no page, no clip, no API answer is ever cached by it.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """`/sw.js`, at the root because its address is its reach. Checked anew by browsers, so a change arrives."""
    context = {"page": render_to_string("offline.html")}
    response = render(request, "sw.js", context, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
