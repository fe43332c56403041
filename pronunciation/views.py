"""The account's pages of its dictionary: list, add, edit, hear, delete, import and export."""

from functools import partial
from xml.sax.saxutils import escape, quoteattr

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from core.errors import StorageUnavailableError
from core.storage import database
from core.web.pages import add_message, page
from pronunciation import dictionaries, formats
from pronunciation.forms import EntryForm, ImportForm, PreferencesForm
from pronunciation.models import Pronunciation, ReadingPreferences
from synthesis import runtime
from synthesis.errors import SpeechError
from synthesis.text.annotation.lexicon import MAX_ENTRIES, Entry
from synthesis.text.normalization.languages import primary
from terminal.recordings import store_request

PAGE = 50
"""Entries of one page of the list."""
_LIST = "pronunciation:list"


@method_decorator([never_cache, login_required], name="dispatch")
class Entries(View):
    """Lists the entries, deletes them, and imports a file."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return a page of the list."""
        return self._page(request, ImportForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Delete an entry or all, or import a file."""
        user = _user(request)
        if "delete_all" in request.POST:
            count = dictionaries.entries_of(user).count()
            # The number that the user confirmed: an entry that was added since then asks again.
            if count and number_of(request.POST["delete_all"]) != count:
                return page(request, "pronunciation/delete-all.html", {"section": "accounts", "count": count})
            count = dictionaries.delete_all(user)
            add_message(request, f"{count} entries are deleted.")
            return redirect(_LIST)
        if "delete" in request.POST:
            phrase = dictionaries.delete_entry(user, number_of(request.POST["delete"]))
            add_message(request, f"{phrase} is deleted." if phrase else "This entry was already deleted.")
            return redirect(_LIST)
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                count = dictionaries.import_entries(user, form.entries)
            except SpeechError as error:
                form.add_error("file", error.message)
            else:
                add_message(request, f"{count} {'entry was' if count == 1 else 'entries were'} imported.")
                return redirect(_LIST)
        return self._page(request, form, status=400)

    def _page(self, request: HttpRequest, form: ImportForm, status: int = 200) -> HttpResponse:
        search = request.GET.get("q", "").strip()[:100]
        rows = dictionaries.entries_of(_user(request), search)
        shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context = {"section": "accounts", "entries": shown, "search": search, "form": form, "most": MAX_ENTRIES}
        return page(request, "pronunciation/list.html", context, status=status)


@method_decorator([never_cache, login_required], name="dispatch")
class Edit(View):
    """Adds or changes an entry."""

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Return the form; ``?phrase=`` fills in the phrase of a new entry."""
        row = _row(_user(request), pk)
        form = EntryForm(instance=row, initial={"phrase": request.GET.get("phrase", "")[:100]} if row is None else None)
        return _form_page(request, form, pk)

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Save the entry."""
        user = _user(request)
        form = EntryForm(request.POST, instance=_row(user, pk))
        if form.is_valid():
            try:
                dictionaries.save_entry(user, form.entry, pk)
            except SpeechError as error:
                form.add_speech_error(error)
            else:
                add_message(request, f"{form.entry.phrase} is saved. All your tabs now use this pronunciation.")
                return redirect(_LIST)
        return _form_page(request, form, pk, status=400)


@method_decorator([never_cache, login_required], name="dispatch")
class Preferences(View):
    """The account's reading preferences."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the form."""
        return self._page(request, PreferencesForm(instance=self._row(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save the preferences."""
        form = PreferencesForm(request.POST, instance=self._row(request))
        if not form.is_valid():
            return self._page(request, form, status=400)
        form.save()
        add_message(request, "Your preferences are saved. They apply in all your tabs.")
        return redirect("pronunciation:preferences")

    @staticmethod
    def _row(request: HttpRequest) -> ReadingPreferences:
        user = _user(request)
        return ReadingPreferences.objects.filter(user=user).first() or ReadingPreferences(user=user)

    @staticmethod
    def _page(request: HttpRequest, form: PreferencesForm, status: int = 200) -> HttpResponse:
        context = {"section": "accounts", "form": form}
        return page(request, "pronunciation/preferences.html", context, status=status)


async def hear(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Return the form again, with a player for the entry, which is not saved. Charged like a text."""
    user = await request.auser()
    if not isinstance(user, User) or request.method != "POST":
        return redirect("pronunciation:add")
    form = await database.read(partial(_bound_form, request, user, pk))
    audio = ""
    if form.is_valid():
        try:
            audio = await recording(request, form.entry)
        except (SpeechError, StorageUnavailableError) as error:
            form.add_error(None, error.message)
    return await sync_to_async(_form_page)(request, form, pk, status=200 if audio else 400, audio=audio)


@login_required
@never_cache
def export(request: HttpRequest, file_format: str) -> HttpResponse:
    """Return the dictionary as a file: CSV with all fields, or PLS for the language of ``?language=``."""
    entries = [row.entry for row in dictionaries.entries_of(_user(request))]
    if file_format == "csv":
        response = HttpResponse(formats.write_csv(entries), content_type=formats.CSV_TYPE)
    else:
        language = request.GET.get("language", "").strip()[:35] or "en"
        own = [entry for entry in entries if not entry.voice and _is_of(entry, language)]
        response = HttpResponse("".join(formats.write_pls(own, language)), content_type=formats.PLS_TYPE)
    response["Content-Disposition"] = f'attachment; filename="pronunciations.{file_format}"'
    return response


def _is_of(entry: Entry, language: str) -> bool:
    return not entry.language or primary(entry.language) == primary(language)


def _bound_form(request: HttpRequest, user: User, pk: int | None) -> EntryForm:
    form = EntryForm(request.POST, instance=_row(user, pk))
    form.is_valid()
    return form


async def recording(request: HttpRequest, entry: Entry) -> str:
    """Return the address of the recording of an entry. Raises ``SpeechError``, as for any text."""
    client = await runtime.get_runtime().gateway.open_for(request)
    phrase = escape(entry.phrase)
    said = (
        f"<phoneme ph={quoteattr(entry.phonemes)}>{phrase}</phoneme>"
        if entry.phonemes
        else f"<sub alias={quoteattr(entry.respelling)}>{phrase}</sub>"
    )
    language = f" xml:lang={quoteattr(entry.language)}" if entry.language else ""
    speech = await client.build(f"<speak{language}>{said}</speak>", voice=entry.voice or None)
    await client.charge(speech)
    return reverse("recording", args=[await store_request(speech)])


def _form_page(
    request: HttpRequest, form: EntryForm, pk: int | None, status: int = 200, audio: str = ""
) -> HttpResponse:
    context = {"section": "accounts", "form": form, "pk": pk, "audio": audio}
    return page(request, "pronunciation/entry.html", context, status=status)


def _row(user: User, pk: int | None) -> Pronunciation | None:
    """Return the user's entry, ``None`` for a new one. Raises ``Http404``."""
    if pk is None:
        return None
    row = dictionaries.entries_of(user).filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such entry.")
    return row


def number_of(text: str) -> int:
    """Return the key of a row that a form names; 0 if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required ensures it
    return request.user
