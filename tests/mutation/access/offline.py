"""Controls of the stored page and of shared texts."""

from tests.mutation.mutation import mutation

TESTS = "tests/terminal/test_offline.py"

MUTATIONS = [
    mutation(
        "The stored page has no user's style sheet.",
        "templates/base.html",
        {"not shell and not": "not"},
        f"{TESTS}::test_the_stored_page_is_the_same_for_all_users",
    ),
    mutation(
        "A worker stores only the page of its own release.",
        "terminal/offline/views.py",
        {" or release != current().name": ""},
        f"{TESTS}::test_the_page_of_another_release_is_not_stored",
    ),
    mutation(
        "A service worker may load scripts and data of this site only.",
        "project/security/headers.py",
        {"own = WORKER_HEADERS if": "own = {} if"},
        f"{TESTS}::test_the_worker_is_always_revalidated_and_has_a_policy_of_its_own",
    ),
    mutation(
        "Another site cannot share a text.",
        "terminal/views.py",
        {'if is_cross_site(http) and http.headers.get("Sec-Fetch-Site") != "none":': "if False:"},
        f"{TESTS}::test_another_site_cannot_share",
    ),
    mutation(
        "A shared text is no command.",
        "terminal/views.py",
        {'text=f"/{text}" if text.startswith("/") else text': "text=text"},
        f"{TESTS}::test_a_shared_text_is_shown_and_not_spoken",
    ),
    mutation(
        "Shared texts are limited in rate.",
        "project/security/form_rate_limit.py",
        {', "/share")': ")"},
        f"{TESTS}::test_a_flood_of_shared_texts_is_limited",
    ),
]
"""Every control of this kind."""
