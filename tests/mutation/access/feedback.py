"""Controls of the feedback."""

from tests.mutation.mutation import mutation

TESTS = "tests/feedback/test_feedback.py"
VIEWS = "feedback/views.py"
STORE = "feedback/store.py"

MUTATIONS = [
    mutation(
        "Feedback of other sites is refused.",
        VIEWS,
        {"if is_cross_site(request):": "if False:"},
        f"{TESTS}::test_other_sites_methods_and_servers_are_refused",
    ),
    mutation(
        "Feedback is limited in rate.",
        VIEWS,
        {"if is_ratelimited(request,": "if False and is_ratelimited(request,"},
        f"{TESTS}::test_feedback_is_limited_in_rate",
    ),
    mutation(
        "Feedback is limited in length.",
        VIEWS,
        {"if len(value) > most:": "if False:"},
        f"{TESTS}::test_anything_else_is_refused",
    ),
    mutation(
        "Ratings are limited in number.",
        STORE,
        {"        Rating.objects.filter(pk__lte=row.pk - registry.MAX_RATINGS.default).delete()\n": ""},
        f"{TESTS}::test_only_the_newest_rows_are_stored",
    ),
    mutation(
        "Reported texts are limited in number.",
        STORE,
        {"        ReadingReport.objects.filter(pk__lte=row.pk - registry.MAX_READING_REPORTS.default).delete()\n": ""},
        f"{TESTS}::test_only_the_newest_rows_are_stored",
    ),
    mutation(
        "Browsers that opt out are not asked.",
        VIEWS,
        {" and not opts_out": ""},
        f"{TESTS}::test_the_page_asks_at_most_monthly",
    ),
    mutation(
        "An export needs the permission to view.",
        "feedback/admin.py",
        {"if not self.has_view_permission(request):": "if False:"},
        f"{TESTS}::test_the_export_needs_the_permission_to_view",
    ),
    mutation(
        "An export contains no formulas.",
        "feedback/admin.py",
        {"if text.startswith(FORMULA_STARTS) else text": "if False else text"},
        f"{TESTS}::test_a_cell_is_no_formula",
    ),
]
"""Every control of this kind."""
