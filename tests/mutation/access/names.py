"""Controls of account names: one canonical, unique form."""

from tests.mutation.mutation import mutation

NAMES = "tests/accounts/test_names.py"

MUTATIONS = (
    mutation(
        "A browser is trusted by account id, not by a name with the same canonical form.",
        "accounts/throttling/known_browsers.py",
        {
            "account = names.account_id(name)": "account = names.canonical(name)",
            'return salted_hmac(_SALT, f"{browser}:{account}"': (
                "if isinstance(account, int):\n"
                "        from django.contrib.auth.models import User\n"
                "        account = names.canonical(User.objects.get(pk=account).username)\n"
                '    return salted_hmac(_SALT, f"{browser}:{account}"'
            ),
        },
        f"{NAMES}::test_a_folded_name_gives_no_extra_attempts",
    ),
    mutation(
        "Account names are unique in their canonical form.",
        "accounts/receivers.py",
        {"names.check(instance.username, instance.pk or 0)": "pass"},
        f"{NAMES}::test_createsuperuser_reports_a_taken_name",
    ),
    mutation(
        "Account names are unique under concurrent sign-ups.",
        "accounts/names.py",
        {"if created or not AccountName": "if not AccountName"},
        f"{NAMES}::test_a_name_taken_after_the_check_is_rejected",
    ),
    mutation(
        "The admin's forms reject a name whose canonical form is taken.",
        "accounts/admin.py",
        {"        names.check(name, self.instance.pk or 0)\n": ""},
        f"{NAMES}::test_the_admin_rejects_a_taken_name_in_both_forms",
    ),
)
