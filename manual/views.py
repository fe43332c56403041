"""The pages of the manual."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from manual.chapters import CHAPTERS, chapters, read_chapter, search

MAX_QUERY_CHARACTERS = 200


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """Show the table of contents, or the results of the search ``q``."""
    query = request.GET.get("q", "")[:MAX_QUERY_CHARACTERS].strip()
    context = {"section": "manual", "query": query, "hits": search(query), "chapters": chapters()}
    return render(request, "manual/contents.html", context)


@require_safe
def chapter(request: HttpRequest, name: str) -> HttpResponse:
    """Show a chapter, with links to the previous and the next one."""
    try:
        shown = read_chapter(name)
    except KeyError:
        raise Http404 from None
    at = CHAPTERS.index(name)
    context = {
        "section": "manual",
        "chapter": shown,
        "previous": read_chapter(CHAPTERS[at - 1]) if at else None,
        "next": read_chapter(CHAPTERS[at + 1]) if at + 1 < len(CHAPTERS) else None,
    }
    return render(request, "manual/chapter.html", context)
