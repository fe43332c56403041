"""Controls of accounts, sessions and the admin."""

from tests.mutation.mutation import mutation

ACCOUNT = "tests/accounts/test_account.py"
COMMANDS = "tests/synthesis/voices/test_commands.py"
DOORS = "tests/accounts/test_open_redirect_and_fixation.py"
ENUMERATION = "tests/accounts/test_enumeration.py"
FACTOR = "tests/accounts/test_second_factor.py"
IDENTITY = "tests/themes/test_identity.py"
NETWORKS = "tests/project/security/test_admin_networks.py"
PAGES = "tests/themes/test_views.py"
SERVICES = "tests/themes/test_services.py"
SESSIONS = "tests/accounts/test_sessions.py"
SIGN_IN = "tests/accounts/test_sign_in.py"
THROTTLE = "tests/accounts/test_throttle.py"

TRIES = [
    mutation(
        "Failed sign-ins are rate limited by address.",
        "accounts/throttling/login_throttle.py",
        {"(ADDRESS, address), ": ""},
        f"{THROTTLE}::test_one_address_cannot_try_all_names",
    ),
    mutation(
        "Failed sign-ins are rate limited by account name, over all addresses.",
        "accounts/throttling/login_throttle.py",
        {", (NAME, name))": ")"},
        f"{THROTTLE}::test_many_addresses_cannot_lock_out_a_known_browser",
    ),
    mutation(
        "Failed sign-ins are rate limited by address and name together, so one address cannot exhaust a name's limit.",
        "accounts/throttling/login_throttle.py",
        {'(NAME_AND_ADDRESS, f"{address} {name}"), ': ""},
        f"{THROTTLE}::test_another_address_cannot_lock_alice_out",
    ),
    mutation(
        "A sign-in attempt is charged before the password is checked.",
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
        "A successful sign-in is refunded.",
        "accounts/throttling/login_throttle.py",
        {
            """refund()
        return cleaned""": "return cleaned"
        },
        f"{THROTTLE}::test_successful_attempts_are_not_counted",
    ),
    mutation(
        "Failed attempts of others do not lock the user out of a trusted browser (account lockout).",
        "accounts/throttling/login_throttle.py",
        {"if browser is not None:": "if False:"},
        f"{THROTTLE}::test_many_addresses_cannot_lock_out_a_known_browser",
    ),
    mutation(
        "A trusted browser has its own rate limit.",
        "accounts/throttling/login_throttle.py",
        {"return consume(KNOWN_REFUSED, (KNOWN, browser))": "return lambda: None"},
        f"{THROTTLE}::test_a_known_browser_has_its_own_limit",
    ),
    mutation(
        "A browser is trusted only by the account that signed in with it.",
        "accounts/throttling/known_browsers.py",
        {"if account is not None and _digest(browser, account) in accounts": "if accounts"},
        f"{THROTTLE}::test_bobs_known_browser_is_unknown_to_alice",
    ),
    mutation(
        "The cookie of trusted browsers is HttpOnly.",
        "accounts/throttling/known_browsers.py",
        {"httponly=True": "httponly=False"},
        f"{THROTTLE}::test_known_cookies_cannot_be_combined",
    ),
    mutation(
        "Attempts are counted by the normalized account name.",
        "accounts/names.py",
        {'return unicodedata.normalize("NFKC", folded)': "return name"},
        f"{THROTTLE}::test_all_spellings_of_a_name_share_a_counter",
    ),
    mutation(
        "Sign-in attempts over IPv6 are counted by network prefix.",
        "core/limits/subjects.py",
        {"if address.version == 6:": "if False:"},
        f"{THROTTLE}::test_an_ipv6_network_counts_as_one_address",
    ),
    mutation(
        "Sign-in attempts from an IPv4-mapped IPv6 address are counted by its IPv4 address.",
        "core/limits/subjects.py",
        {'address = getattr(address, "ipv4_mapped", None) or address': "pass"},
        f"{THROTTLE}::test_an_ipv6_network_counts_as_one_address",
    ),
    mutation(
        "Concurrent sign-in attempts cannot exceed the rate limit.",
        "accounts/throttling/attempts.py",
        {'usage["count"] - back["count"] > self.max_attempts': 'usage["count"] - back["count"] > 10 * self.tries'},
        f"{THROTTLE}::test_concurrent_attempts_cannot_exceed_the_limit",
    ),
    mutation(
        "If the cache is unavailable, sign-in attempts are rejected.",
        "accounts/throttling/attempts.py",
        {'if not usage["limit"]:': "if False:"},
        f"{THROTTLE}::test_attempts_are_rejected_without_a_cache",
    ),
    mutation(
        "A rate-limited sign-in response has a Retry-After header.",
        "accounts/throttling/attempts.py",
        {"response.status_code = 429": "pass"},
        f"{THROTTLE}::test_guessing_is_throttled_with_retry_after",
    ),
    mutation(
        "Sign-in to the admin has the same rate limits as the sign-in page.",
        "accounts/admin_site.py",
        {"self.login_form = AdminSignInForm": "str(AdminSignInForm)"},
        f"{THROTTLE}::test_guessing_is_throttled_with_retry_after",
        f"{ENUMERATION}::test_a_password_that_is_too_long_is_never_hashed",
    ),
    mutation(
        "The admin uses the admin site of this project.",
        "project/settings.py",
        {'"accounts.apps.ProtectedAdminConfig"': '"django.contrib.admin"'},
        f"{THROTTLE}::test_guessing_is_throttled_with_retry_after",
    ),
    mutation(
        "The password page of the admin redirects to the rate-limited one.",
        "accounts/admin_site.py",
        {'return redirect("accounts:password")': "return super().password_change(request, extra_context)"},
        f"{THROTTLE}::test_the_admin_redirects_to_the_password_page",
    ),
    mutation(
        "Sign-up is rate limited, because it reveals which account names exist (account enumeration).",
        "accounts/forms.py",
        {"login_throttle.charge_sign_up(self.request)": "pass"},
        f"{THROTTLE}::test_sign_up_is_counted_by_address",
    ),
    mutation(
        "Password confirmation is rate limited: a stolen session cannot be used to guess the password.",
        "accounts/throttling/login_throttle.py",
        {"refund = consume(REAUTH_REFUSED, (REAUTH, str(user.pk)))": "refund = str"},
        f"{THROTTLE}::test_a_stolen_session_cannot_guess_the_password",
    ),
]

NAMES = [
    mutation(
        "Every rejected sign-in hashes one password, so that its duration does not reveal which accounts exist.",
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
        "Every rejected sign-in has the same error message (account enumeration).",
        "accounts/throttling/login_throttle.py",
        {
            "refund = _charge_sign_in(self.request, name)": (
                """refund = _charge_sign_in(self.request, name)
        from django.contrib.auth.models import User

        if not User.objects.filter(username=name).exists():
            super().add_error("username", "There is no such account.")"""
            )
        },
        f"{ENUMERATION}::test_all_sign_in_errors_are_identical",
    ),
    mutation(
        "Attempts at unknown account names are counted like those at existing ones.",
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
        "A password over the length limit is never hashed (denial of service).",
        "accounts/forms.py",
        {"field.validators.append(MaxLengthValidator(MAX_PASSWORD_LENGTH))": "pass"},
        f"{ENUMERATION}::test_a_password_that_is_too_long_is_never_hashed",
    ),
]

SIGNED_IN = [
    mutation(
        "Signing in replaces the session key (session fixation).",
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
        "Signing up replaces the session key (session fixation).",
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
        "Account pages are not cached.",
        "accounts/views/account.py",
        {'@method_decorator(never_cache, name="dispatch")\nclass Account(': "class Account("},
        f"{SIGN_IN}::test_the_pages_are_not_cached",
    ),
    *(
        mutation(
            f"Open redirects through `next` are rejected {what}.",
            file,
            {piece: instead},
            *red,
        )
        for what, file, piece, instead, *red in (
            (
                "at sign-in",
                "accounts/views/auth.py",
                'form.get_user().get_username()}.", self.get_success_url())',
                'form.get_user().get_username()}.", self.request.POST.get("next") or "/accounts/")',
                f"{DOORS}::test_no_open_redirect",
            ),
            (
                "at sign-up",
                "accounts/views/auth.py",
                'This is your account.", self.get_success_url())',
                'This is your account.", self.request.POST.get("next") or "/accounts/")',
                f"{DOORS}::test_no_open_redirect",
            ),
            (
                "when the user is already signed in",
                "accounts/views/auth.py",
                "return redirect(self.get_success_url())",
                'return redirect(request.GET.get("next") or "/accounts/")',
                f"{DOORS}::test_no_open_redirect_when_signed_in_or_signing_out",
            ),
            (
                "after the second factor",
                "accounts/views/second_factor.py",
                "return redirect(self.get_success_url())",
                'return redirect(self.request.POST.get("next") or "/admin/")',
                f"{DOORS}::test_no_open_redirect_after_the_second_factor",
            ),
        )
    ),
    mutation(
        "A GET request cannot sign a user out.",
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
        "Changing the password requires the old password.",
        "accounts/forms.py",
        {"""raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")""": "pass"},
        f"{ACCOUNT}::test_a_new_password_requires_the_current_one",
    ),
    mutation(
        "Deleting an account requires the password.",
        "accounts/forms.py",
        {"""raise ValidationError("The password is wrong. Nothing was deleted.", code=""": "str("},
        f"{ACCOUNT}::test_nothing_is_deleted_without_the_password",
    ),
    mutation(
        "Deleting an account deletes all its data.",
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
            f"{SESSIONS}::test_the_list_requires_an_account_and_a_csrf_token",
        )
        for what, view in (("The list of sessions", "Sessions"), ("The account data", "Data"), ("Deletion", "Delete"))
    ),
    mutation(
        "A user can end the sessions of other browsers.",
        "accounts/sessions.py",
        {"        Session.objects.filter(session_key__in=keys).delete()": "        pass"},
        f"{SESSIONS}::test_alice_ends_one_session",
        f"{SESSIONS}::test_all_other_sessions_are_ended",
        f"{SESSIONS}::test_the_current_session_can_be_ended",
    ),
    mutation(
        "A user cannot end sessions of other users.",
        "accounts/sessions.py",
        {
            (
                "AccountSession.objects.filter(user=user, pk=uuid.UUID(name))"
            ): "AccountSession.objects.filter(pk=uuid.UUID(name))"
        },
        f"{SESSIONS}::test_alice_cannot_end_bobs_session",
    ),
    mutation(
        "A password change or account deletion ends all other sessions.",
        "accounts/receivers.py",
        {"sessions.end_all(instance)": "pass"},
        f"{SESSIONS}::test_a_password_change_in_the_admin_ends_all_sessions",
    ),
    mutation(
        "Open tabs are notified when their session is ended.",
        "accounts/sessions.py",
        {"notifications.session_changed(Identity(uuid.uuid4(), user.pk).owner_group)": "pass"},
        f"{SESSIONS}::test_open_tabs_are_notified",
    ),
    mutation(
        "Expired sessions are deleted.",
        "accounts/sessions.py",
        {"SessionStore.clear_expired()": "pass"},
        f"{SESSIONS}::test_expired_sessions_are_not_listed_and_are_purged_at_sign_in",
    ),
    mutation(
        "The session tracking middleware is installed.",
        "project/settings.py",
        {'    "accounts.middleware.session_tracking_middleware",\n': ""},
        f"{SESSIONS}::test_the_async_middleware_records_activity_too",
    ),
    mutation(
        "Signing in replaces the visitor cookie.",
        "themes/receivers.py",
        {"fresh = identity.rotate_device_id(request)": "fresh = visitor.device"},
        f"{IDENTITY}::test_sign_in_merges_the_visitors_selection_and_rotates_the_cookie",
        f"{SIGN_IN}::test_sign_in_rotates_the_session_and_the_device",
    ),
    mutation(
        "Signing out replaces the visitor cookie.",
        "themes/receivers.py",
        {
            """    identity.rotate_device_id(request)
    if request""": "    if request"
        },
        f"{SIGN_IN}::test_sign_out_ends_the_session_and_rotates_the_device",
    ),
    mutation(
        "A forged visitor cookie is rejected.",
        "themes/owners/identity.py",
        {"device_signer.unsign(value, max_age=age)": 'value.split(":")[0]'},
        f"{IDENTITY}::test_a_forged_cookie_is_ignored",
    ),
    mutation(
        "A forged tab token is rejected.",
        "themes/owners/identity.py",
        {"_tabs.unsign(token)": 'token.split(":")[0]'},
        f"{IDENTITY}::test_tab_tokens_and_cookies_are_not_interchangeable",
    ),
    mutation(
        "The visitor cookie is HttpOnly.",
        "themes/owners/middleware.py",
        {"httponly=True": "httponly=False"},
        f"{IDENTITY}::test_a_visitor_gets_one_cookie",
    ),
    mutation(
        "The visitor cookie has the Secure attribute behind TLS.",
        "themes/owners/middleware.py",
        {"secure=request.is_secure()": "secure=False"},
        f"{IDENTITY}::test_cookies_are_secure_over_https",
    ),
    mutation(
        "A user cannot change themes of other users.",
        "themes/store/services.py",
        {
            "Theme.objects.filter(pk=theme_id, owner=owner, deleted_at=None).first() if owner else": (
                "Theme.objects.filter(pk=theme_id, deleted_at=None).first() if theme_id else"
            )
        },
        f"{SERVICES}::test_a_user_cannot_edit_the_theme_of_another",
    ),
    mutation(
        "A user cannot restore deleted themes of other users.",
        "themes/store/services.py",
        {"(pk=theme_id, owner=owner, deleted_at__gte": "(pk=theme_id, deleted_at__gte"},
        f"{SERVICES}::test_a_user_cannot_restore_the_theme_of_another",
    ),
    mutation(
        "Themes of other users return 404: they cannot be read, exported or copied.",
        "themes/store/queries.py",
        {"_own_themes(owner, {reference}) if owner else {}": "{str(row.pk): row for row in Theme.objects.all()}"},
        f"{PAGES}::TestOtherUsers::test_bobs_theme_is_not_found_for_alice",
        f"{PAGES}::TestOtherUsers::test_bobs_theme_cannot_be_exported_or_selected",
        f"{PAGES}::TestCreation::test_bobs_theme_cannot_be_copied",
    ),
    mutation(
        "A signed-in request is identified by its account, never by the visitor cookie.",
        "themes/store/queries.py",
        {"if who.user is not None:": "if False:"},
        "tests/terminal/test_theme_session.py::test_an_account_has_the_same_themes_everywhere",
    ),
]

RUNNING = [
    mutation(
        "The admin returns 404 outside the allowed networks.",
        "project/settings.py",
        {'    "project.security.admin_networks.admin_network_middleware",\n': ""},
        f"{NETWORKS}::test_the_admin_is_hidden_from_other_networks",
    ),
    mutation(
        "An invalid client address is outside the allowed networks.",
        "project/security/admin_networks.py",
        {"return False\n    # Dual-stack": "return True\n    # Dual-stack"},
        f"{NETWORKS}::test_the_admin_is_hidden_from_other_networks",
    ),
    mutation(
        "An invalid network in the settings prevents the start.",
        "project/settings.py",
        {'env.networks("ADMIN_ALLOWED_NETWORKS", [])': 'env.list("ADMIN_ALLOWED_NETWORKS", [])'},
        f"{NETWORKS}::test_an_invalid_network_prevents_the_start",
    ),
    mutation(
        "The admin requires a second factor if the settings do.",
        "accounts/admin_site.py",
        {" and not totp.is_required(request)\n\n": "\n\n"},
        f"{FACTOR}::test_the_admin_rejects_the_password_alone",
    ),
    mutation(
        "The authenticator device of another user is not accepted.",
        "accounts/totp.py",
        {".filter(user=user, confirmed=True)\n        device": ".filter(confirmed=True)\n        device"},
        f"{FACTOR}::test_bobs_codes_do_not_work_for_charlie",
    ),
    mutation(
        "Second-factor codes are rate limited.",
        "accounts/totp.py",
        {"if not allowed:": "if False:"},
        f"{FACTOR}::test_codes_cannot_be_guessed",
    ),
    mutation(
        "Verifying the second factor replaces the session key (session fixation).",
        "accounts/totp.py",
        {"request.session.cycle_key()": "pass"},
        f"{FACTOR}::test_a_code_verifies_a_session_once",
    ),
    mutation(
        "Changing the second factor requires a code.",
        "accounts/views/second_factor.py",
        {
            """if not totp.is_required(request):
            return self._change""": ("if 'do' in request.POST:\n            return self._change")
        },
        f"{FACTOR}::test_changes_require_a_verified_session",
    ),
    mutation(
        "The QR code of the secret is not shown after enrollment.",
        "accounts/views/second_factor.py",
        {
            """if totp.is_enrolled(self.user):
            raise Http404""": "pass",
            "qr_code_svg(totp.pending_device(self.user))": ("picture(totp.TOTPDevice.objects.get(user=self.user))"),
        },
        f"{FACTOR}::test_the_secret_is_not_shown_after_enrollment",
    ),
    mutation(
        "The admin does not show the secrets of second factors.",
        "accounts/admin.py",
        {"admin.site.unregister(model)": "pass"},
        f"{FACTOR}::test_the_secret_is_not_shown_after_enrollment",
    ),
    mutation(
        "The second-factor pages are available only to users who may open the admin.",
        "accounts/views/second_factor.py",
        {"if user.is_authenticated and not (settings.ADMIN_REQUIRE_2FA and user.is_staff):": "if False:"},
        f"{FACTOR}::test_the_pages_are_for_staff_only",
    ),
    mutation(
        "New recovery codes replace the previous ones.",
        "accounts/totp.py",
        {"StaticDevice.objects.filter(user=user).delete()\n        device": "device"},
        f"{FACTOR}::test_new_recovery_codes_replace_the_old_ones",
    ),
    mutation(
        "The admin does not list the themes of users.",
        "themes/admin/preset_admin.py",
        {'_MAIN = ("name"': 'from themes.models import Theme\n\nadmin.site.register(Theme)\n_MAIN = ("name"'},
        "tests/themes/test_admin.py::test_themes_of_users_are_not_in_the_admin",
    ),
    mutation(
        "The admin checks the contrast of a preset only for users with the change permission.",
        "themes/admin/files.py",
        {" or not (self.has_change_permission(request) or self.has_add_permission(request))": ""},
        "tests/themes/test_admin.py::test_fix_and_export_require_permissions",
    ),
    mutation(
        "The admin exports presets only to users with the view permission.",
        "themes/admin/files.py",
        {"if not self.has_view_permission(request, preset):": "if False:"},
        "tests/themes/test_admin.py::test_fix_and_export_require_permissions",
    ),
]

MUTATIONS = [*TRIES, *NAMES, *SIGNED_IN, *RUNNING]
