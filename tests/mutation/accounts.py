"""Accounts and the admin."""

from tests.mutation.mutation import mutation

ACCOUNT = "tests/accounts/test_account.py"
COMMANDS = "tests/synthesis/voices/test_commands.py"
DOORS = "tests/accounts/test_open_redirect_and_fixation.py"
ENUMERATION = "tests/accounts/test_enumeration.py"
FACTOR = "tests/accounts/test_second_factor.py"
IDENTITY = "tests/themes/test_identity.py"
NETWORKS = "tests/project/test_admin_networks.py"
PAGES = "tests/themes/test_views.py"
SERVICES = "tests/themes/test_services.py"
SESSIONS = "tests/accounts/test_sessions.py"
SIGN_IN = "tests/accounts/test_sign_in.py"
THROTTLE = "tests/accounts/test_throttle.py"

TRIES = [
    mutation(
        "Wrong passwords are counted by address.",
        "accounts/throttling/login_throttle.py",
        {"(ADDRESS, address), ": ""},
        f"{THROTTLE}::test_one_address_cannot_try_all_names",
    ),
    mutation(
        "Wrong passwords are counted by name, from wherever.",
        "accounts/throttling/login_throttle.py",
        {", (NAME, name))": ")"},
        f"{THROTTLE}::test_many_addresses_cannot_lock_out_a_known_browser",
    ),
    mutation(
        "Wrong passwords are counted by both, so that one address cannot use up what all others have together.",
        "accounts/throttling/login_throttle.py",
        {'(NAME_AND_ADDRESS, f"{address} {name}"), ': ""},
        f"{THROTTLE}::test_another_address_cannot_lock_alice_out",
    ),
    mutation(
        "A try is taken before the password is looked at.",
        "accounts/throttling/login_throttle.py",
        {
            """refund = _charge_sign_in(self.request, name)
        cleaned = super().clean()""": (
                """cleaned = super().clean()
        refund = _charge_sign_in(self.request, name)"""
            )
        },
        f"{THROTTLE}::test_a_throttled_attempt_is_not_hashed",
    ),
    mutation(
        "A right try is no wrong one.",
        "accounts/throttling/login_throttle.py",
        {
            """refund()
        return cleaned""": "return cleaned"
        },
        f"{THROTTLE}::test_successful_attempts_are_not_counted",
    ),
    mutation(
        "Nobody locks the owner out of a browser that has signed in before.",
        "accounts/throttling/login_throttle.py",
        {"if browser is not None:": "if False:"},
        f"{THROTTLE}::test_many_addresses_cannot_lock_out_a_known_browser",
    ),
    mutation(
        "Such a browser has tries of its own, and no more.",
        "accounts/throttling/login_throttle.py",
        {"return consume(KNOWN_REFUSED, (KNOWN, browser))": "return lambda: None"},
        f"{THROTTLE}::test_a_known_browser_has_its_own_limit",
    ),
    mutation(
        "A browser is known to the account that it signed in to, and to no other.",
        "accounts/throttling/known_browsers.py",
        {"if account is not None and _digest(browser, account) in accounts": "if accounts"},
        f"{THROTTLE}::test_bobs_known_browser_is_unknown_to_alice",
    ),
    mutation(
        "No script reads the cookie of browsers that are known.",
        "accounts/throttling/known_browsers.py",
        {"httponly=True": "httponly=False"},
        f"{THROTTLE}::test_known_cookies_cannot_be_combined",
    ),
    mutation(
        "A name is one however it is typed.",
        "accounts/names.py",
        {'return unicodedata.normalize("NFKC", folded)': "return name"},
        f"{THROTTLE}::test_all_spellings_of_a_name_share_a_counter",
    ),
    mutation(
        "Of IPv6 a customer's whole network has the tries of one.",
        "core/client_address.py",
        {"if address.version == 6:": "if False:"},
        f"{THROTTLE}::test_an_ipv6_network_counts_as_one_address",
    ),
    mutation(
        "IPv4 in IPv6's form is one customer's address.",
        "core/client_address.py",
        {'address = getattr(address, "ipv4_mapped", None) or address': "pass"},
        f"{THROTTLE}::test_an_ipv6_network_counts_as_one_address",
    ),
    mutation(
        "A thousand tries at once are no more than in turn.",
        "accounts/throttling/attempts.py",
        {'usage["count"] - back["count"] > self.max_attempts': 'usage["count"] - back["count"] > 10 * self.tries'},
        f"{THROTTLE}::test_concurrent_attempts_cannot_exceed_the_limit",
    ),
    mutation(
        "Where tries cannot be counted there are none.",
        "accounts/throttling/attempts.py",
        {'if not usage["limit"]:': "if False:"},
        f"{THROTTLE}::test_attempts_are_rejected_without_a_cache",
    ),
    mutation(
        "It is said when to try again, to programs too.",
        "accounts/throttling/attempts.py",
        {"response.status_code = 429": "pass"},
        f"{THROTTLE}::test_guessing_is_throttled_with_retry_after",
    ),
    mutation(
        "The admin's door counts like ours.",
        "accounts/admin_site.py",
        {"self.login_form = AdminSignInForm": "str(AdminSignInForm)"},
        f"{THROTTLE}::test_guessing_is_throttled_with_retry_after",
        f"{ENUMERATION}::test_a_password_that_is_too_long_is_never_hashed",
    ),
    mutation(
        "The admin's site is ours.",
        "project/settings.py",
        {'"accounts.apps.ProtectedAdminConfig"': '"django.contrib.admin"'},
        f"{THROTTLE}::test_guessing_is_throttled_with_retry_after",
    ),
    mutation(
        "The admin has no door of its own to passwords.",
        "accounts/admin_site.py",
        {'return redirect("accounts:password")': "return super().password_change(request, extra_context)"},
        f"{THROTTLE}::test_the_admin_redirects_to_the_password_page",
    ),
    mutation(
        "Sign-up is slow, for it tells which names are taken.",
        "accounts/forms.py",
        {"login_throttle.charge_sign_up(self.request)": "pass"},
        f"{THROTTLE}::test_sign_up_is_counted_by_address",
    ),
    mutation(
        "A session that was found open is no way to guess the password.",
        "accounts/throttling/login_throttle.py",
        {"refund = consume(REAUTH_REFUSED, (REAUTH, str(user.pk)))": "refund = str"},
        f"{THROTTLE}::test_a_stolen_session_cannot_guess_the_password",
    ),
]

NAMES = [
    mutation(
        "All refusals hash alike.",
        "accounts/throttling/login_throttle.py",
        {
            "refund = _charge_sign_in(self.request, name)": (
                """refund = _charge_sign_in(self.request, name)
        from django.contrib.auth.models import User

        if not User.objects.filter(username=name).exists():
            raise self.get_invalid_login_error()"""
            )
        },
        f"{ENUMERATION}::test_each_attempt_hashes_once",
    ),
    mutation(
        "All refusals read alike.",
        "accounts/throttling/login_throttle.py",
        {
            "refund = _charge_sign_in(self.request, name)": (
                """refund = _charge_sign_in(self.request, name)
        from django.contrib.auth.models import User

        if not User.objects.filter(username=name).exists():
            super().add_error("username", "There is no such account.")"""
            )
        },
        f"{ENUMERATION}::test_all_sign_in_errors_are_alike",
    ),
    mutation(
        "Names that nobody has are counted like others.",
        "accounts/throttling/login_throttle.py",
        {
            "refund = _charge_sign_in(self.request, name)": (
                """from django.contrib.auth.models import User

        there = User.objects.filter(username=name).exists()
        refund = _charge_sign_in(self.request, name) if there else str"""
            )
        },
        f"{THROTTLE}::test_unknown_names_are_counted_like_others",
        f"{ENUMERATION}::test_throttled_names_get_the_same_error",
    ),
    mutation(
        "A password that is too long is hashed for nobody.",
        "accounts/forms.py",
        {"field.validators.append(MaxLengthValidator(MAX_PASSWORD_LENGTH))": "pass"},
        f"{ENUMERATION}::test_a_password_that_is_too_long_is_never_hashed",
    ),
]

SIGNED_IN = [
    mutation(
        "A session that somebody planted is not signed in.",
        "accounts/views/auth.py",
        {
            "super().form_valid(form)": (
                "user = form.get_user()\n"
                '        self.request.session["_auth_user_id"] = str(user.pk)\n'
                '        self.request.session["_auth_user_backend"] = user.backend\n'
                '        self.request.session["_auth_user_hash"] = user.get_session_auth_hash()'
            )
        },
        f"{DOORS}::test_a_fixed_session_is_not_signed_in",
    ),
    mutation(
        "Nor at sign-up.",
        "accounts/views/auth.py",
        {
            "login(self.request, user, backend=settings.AUTHENTICATION_BACKENDS[0])": (
                'self.request.session["_auth_user_id"] = str(user.pk)\n'
                '        self.request.session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]\n'
                '        self.request.session["_auth_user_hash"] = user.get_session_auth_hash()'
            )
        },
        f"{DOORS}::test_a_fixed_session_is_not_signed_in_at_sign_up",
    ),
    mutation(
        "What is a person's stays in no cache.",
        "accounts/views/account.py",
        {'@method_decorator(never_cache, name="dispatch")\nclass Account(': "class Account("},
        f"{SIGN_IN}::test_the_pages_are_not_cached",
    ),
    *(
        mutation(
            f"Nobody is led elsewhere by {what}.",
            file,
            {piece: instead},
            *red,
        )
        for what, file, piece, instead, *red in (
            (
                "signing in",
                "accounts/views/auth.py",
                'form.get_user().get_username()}.", self.get_success_url())',
                'form.get_user().get_username()}.", self.request.POST.get("next") or "/accounts/")',
                f"{DOORS}::test_no_open_redirect",
            ),
            (
                "signing up",
                "accounts/views/auth.py",
                'This is your account.", self.get_success_url())',
                'This is your account.", self.request.POST.get("next") or "/accounts/")',
                f"{DOORS}::test_no_open_redirect",
            ),
            (
                "being signed in already",
                "accounts/views/auth.py",
                "return redirect(self.get_success_url())",
                'return redirect(request.GET.get("next") or "/accounts/")',
                f"{DOORS}::test_no_open_redirect_when_signed_in_or_signing_out",
            ),
            (
                "the second factor",
                "accounts/views/second_factor.py",
                "return redirect(self.get_success_url())",
                'return redirect(self.request.POST.get("next") or "/admin/")',
                f"{DOORS}::test_no_open_redirect_after_the_second_factor",
            ),
        )
    ),
    mutation(
        "A link signs nobody out.",
        "accounts/views/auth.py",
        {
            """next_page = ACCOUNT_URL

    def post(""": (
                """next_page = ACCOUNT_URL
    http_method_names = ["get", "post"]

    def get(self, *args, **kwargs):
        return self.post(*args, **kwargs)

    def post("""
            )
        },
        f"{SIGN_IN}::test_sign_out_requires_post",
    ),
    mutation(
        "SIGN_UP_ENABLED=false closes sign-up.",
        "accounts/views/auth.py",
        {"if not settings.SIGN_UP_ENABLED:": "if False:"},
        f"{ACCOUNT}::test_sign_up_can_be_closed",
    ),
    mutation(
        "The old password is needed for a new one.",
        "accounts/forms.py",
        {"""raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")""": "pass"},
        f"{ACCOUNT}::test_a_new_password_requires_the_current_one",
    ),
    mutation(
        "Nothing is deleted without the password.",
        "accounts/forms.py",
        {"""raise ValidationError("The password is wrong. Nothing was deleted.", code=""": "str("},
        f"{ACCOUNT}::test_nothing_is_deleted_without_the_password",
    ),
    mutation(
        "Deleting takes everything with it.",
        "accounts/views/account.py",
        {"services.delete_owner(who)": "pass", "user.delete()": "user.is_active = False\n            user.save()"},
        f"{ACCOUNT}::test_deleting_an_account_deletes_its_data",
    ),
    *(
        mutation(
            f"{what} needs an account.",
            "accounts/views/account.py",
            {f"class {view}(LoginRequiredMixin, ": f"class {view}("},
            f"{ACCOUNT}::test_account_pages_require_sign_in",
            f"{SESSIONS}::test_the_list_needs_an_account_and_our_own_form",
        )
        for what, view in (("The list of sessions", "Sessions"), ("One's data", "Data"), ("Deletion", "Delete"))
    ),
    mutation(
        "Sessions end where one ends them.",
        "accounts/sessions.py",
        {"        Session.objects.filter(session_key__in=keys).delete()": "        pass"},
        f"{SESSIONS}::test_alice_ends_one_session",
        f"{SESSIONS}::test_all_other_sessions_are_ended",
        f"{SESSIONS}::test_the_current_session_can_be_ended",
    ),
    mutation(
        "Nobody ends another's session.",
        "accounts/sessions.py",
        {
            (
                "AccountSession.objects.filter(user=user, pk=uuid.UUID(name))"
            ): "AccountSession.objects.filter(pk=uuid.UUID(name))"
        },
        f"{SESSIONS}::test_alice_cannot_end_bobs_session",
    ),
    mutation(
        "A new password, and the closing of an account, end all other sessions.",
        "accounts/receivers.py",
        {"sessions.end_all(instance)": "pass"},
        f"{SESSIONS}::test_a_password_change_in_the_admin_ends_all_sessions",
    ),
    mutation(
        "Open tabs learn that their session was ended.",
        "accounts/sessions.py",
        {"notifications.session_changed(Identity(uuid.uuid4(), user.pk).owner_group)": "pass"},
        f"{SESSIONS}::test_open_tabs_are_notified",
    ),
    mutation(
        "What has expired is not kept.",
        "accounts/sessions.py",
        {"SessionStore.clear_expired()": "pass"},
        f"{SESSIONS}::test_expired_sessions_are_not_listed_and_are_purged_at_sign_in",
    ),
    mutation(
        "Sessions are followed on the way that is served.",
        "project/settings.py",
        {'    "accounts.middleware.session_tracking_middleware",\n': ""},
        f"{SESSIONS}::test_the_async_middleware_records_activity_too",
    ),
    mutation(
        "At sign-in the visitor's cookie is renewed.",
        "themes/receivers.py",
        {"fresh = identity.rotate_device_id(request)": "fresh = visitor.device"},
        f"{IDENTITY}::test_sign_in_merges_the_visitors_selection_and_rotates_the_cookie",
        f"{SIGN_IN}::test_sign_in_rotates_the_session_and_the_device",
    ),
    mutation(
        "At sign-out too.",
        "themes/receivers.py",
        {
            """    identity.rotate_device_id(request)
    if request""": "    if request"
        },
        f"{SIGN_IN}::test_sign_out_ends_the_session_and_rotates_the_device",
    ),
    mutation(
        "Nobody makes up the cookie of a visitor.",
        "themes/identity.py",
        {"device_signer.unsign(value, max_age=age)": 'value.split(":")[0]'},
        f"{IDENTITY}::test_a_forged_cookie_is_ignored",
    ),
    mutation(
        "Nobody makes up the token of a tab.",
        "themes/identity.py",
        {"_tabs.unsign(token)": 'token.split(":")[0]'},
        f"{IDENTITY}::test_tab_tokens_and_cookies_are_not_interchangeable",
    ),
    mutation(
        "No script reads the visitor's cookie.",
        "themes/middleware.py",
        {"httponly=True": "httponly=False"},
        f"{IDENTITY}::test_a_visitor_is_given_a_cookie_once",
    ),
    mutation(
        "The visitor's cookie goes over TLS alone where the page does.",
        "themes/middleware.py",
        {"secure=request.is_secure()": "secure=False"},
        f"{IDENTITY}::test_cookies_are_secure_over_https",
    ),
    mutation(
        "What is another's is not changed.",
        "themes/services.py",
        {
            "Theme.objects.filter(pk=theme_id, owner=owner, deleted_at=None).first() if owner else": (
                "Theme.objects.filter(pk=theme_id, deleted_at=None).first() if theme_id else"
            )
        },
        f"{SERVICES}::test_a_user_cannot_edit_the_theme_of_another",
    ),
    mutation(
        "What another deleted is not brought back.",
        "themes/services.py",
        {"(pk=theme_id, owner=owner, deleted_at__gte": "(pk=theme_id, deleted_at__gte"},
        f"{SERVICES}::test_a_user_cannot_restore_the_theme_of_another",
    ),
    mutation(
        "What is another's is not there to be seen, taken or copied.",
        "themes/queries.py",
        {"_own_themes(owner, {reference}) if owner else {}": "{str(row.pk): row for row in Theme.objects.all()}"},
        f"{PAGES}::TestStrangers::test_bobs_theme_is_not_found_for_alice",
        f"{PAGES}::TestStrangers::test_bobs_theme_cannot_be_exported_or_selected",
        f"{PAGES}::TestMaking::test_bobs_theme_cannot_be_copied",
    ),
    mutation(
        "An account is no visitor, whatever its cookie says.",
        "themes/queries.py",
        {"if who.user is not None:": "if False:"},
        "tests/terminal/test_theme_session.py::test_an_account_has_the_same_themes_everywhere",
    ),
]

RUNNING = [
    mutation(
        "For other networks there is no admin.",
        "project/settings.py",
        {'    "project.security.admin_networks.admin_network_middleware",\n': ""},
        f"{NETWORKS}::test_the_admin_is_hidden_from_other_networks",
    ),
    mutation(
        "An address that is none is elsewhere.",
        "project/security/admin_networks.py",
        {"return False\n    # Dual-stack": "return True\n    # Dual-stack"},
        f"{NETWORKS}::test_the_admin_is_hidden_from_other_networks",
    ),
    mutation(
        "What names no network stops the start.",
        "project/settings.py",
        {'env.list("ADMIN_ALLOWED_NETWORKS", [], validate=parse_networks)': 'env.list("ADMIN_ALLOWED_NETWORKS", [])'},
        f"{NETWORKS}::test_an_invalid_network_prevents_the_start",
    ),
    mutation(
        "The admin opens with a second factor where one is asked for.",
        "accounts/admin_site.py",
        {" and not totp.is_required(request)\n\n": "\n\n"},
        f"{FACTOR}::test_the_admin_rejects_the_password_alone",
    ),
    mutation(
        "Another's app opens nothing.",
        "accounts/totp.py",
        {".filter(user=user, confirmed=True)\n        device": ".filter(confirmed=True)\n        device"},
        f"{FACTOR}::test_bobs_codes_do_not_work_for_charlie",
    ),
    mutation(
        "Codes cannot be guessed.",
        "accounts/totp.py",
        {"if not allowed:": "if False:"},
        f"{FACTOR}::test_codes_cannot_be_guessed",
    ),
    mutation(
        "With the second factor the session has a new key.",
        "accounts/totp.py",
        {"request.session.cycle_key()": "pass"},
        f"{FACTOR}::test_a_code_verifies_a_session_once",
    ),
    mutation(
        "Without a code nothing of the second factor can be changed.",
        "accounts/views/second_factor.py",
        {
            """if not totp.is_required(request):
            return self._change""": ("if 'do' in request.POST:\n            return self._change")
        },
        f"{FACTOR}::test_changes_require_a_verified_session",
    ),
    mutation(
        "The picture of the secret is gone once the app has it.",
        "accounts/views/second_factor.py",
        {
            """if totp.is_enrolled(self.user):
            raise Http404""": "pass",
            "qr_code_svg(totp.pending_device(self.user))": ("picture(totp.TOTPDevice.objects.get(user=self.user))"),
        },
        f"{FACTOR}::test_the_secret_is_not_shown_after_enrollment",
    ),
    mutation(
        "The admin shows no secrets of second factors.",
        "accounts/admin.py",
        {"admin.site.unregister(model)": "pass"},
        f"{FACTOR}::test_the_secret_is_not_shown_after_enrollment",
    ),
    mutation(
        "Nobody else has these pages.",
        "accounts/views/second_factor.py",
        {"if user.is_authenticated and not (settings.ADMIN_REQUIRE_2FA and user.is_staff):": "if False:"},
        f"{FACTOR}::test_the_pages_are_for_staff_only",
    ),
    mutation(
        "New codes replace the old ones.",
        "accounts/totp.py",
        {"StaticDevice.objects.filter(user=user).delete()\n        device": "device"},
        f"{FACTOR}::test_new_recovery_codes_replace_the_old_ones",
    ),
    mutation(
        "What people own is not to be seen in the admin.",
        "themes/admin/preset_admin.py",
        {'_MAIN = ("name"': 'from themes.models import Theme\n\nadmin.site.register(Theme)\n_MAIN = ("name"'},
        "tests/themes/test_admin.py::test_themes_of_users_are_not_in_the_admin",
    ),
    mutation(
        "In the admin only those who may change presets have them mended.",
        "themes/admin/files.py",
        {" or not (self.has_change_permission(request) or self.has_add_permission(request))": ""},
        "tests/themes/test_admin.py::test_fix_and_export_require_permissions",
    ),
    mutation(
        "In the admin only those who may see presets take them away.",
        "themes/admin/files.py",
        {"if not self.has_view_permission(request, preset):": "if False:"},
        "tests/themes/test_admin.py::test_fix_and_export_require_permissions",
    ),
]

MUTATIONS = [*TRIES, *NAMES, *SIGNED_IN, *RUNNING]
