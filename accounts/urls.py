"""Routes of accounts, under ``/accounts/``."""

from django.urls import path

from accounts.views import account, auth, second_factor, tokens

app_name = "accounts"
urlpatterns = [
    path("", account.Account.as_view(), name="account"),
    path("sign-up/", auth.SignUp.as_view(), name="sign-up"),
    path("sign-in/", auth.SignIn.as_view(), name="sign-in"),
    path("sign-out/", auth.SignOut.as_view(), name="sign-out"),
    path("password/", account.Password.as_view(), name="password"),
    path("sessions/", account.Sessions.as_view(), name="sessions"),
    path("tokens/", tokens.Tokens.as_view(), name="tokens"),
    path("second-factor/", second_factor.SecondFactor.as_view(), name="second-factor"),
    path("second-factor/secret.svg", second_factor.QrCode.as_view(), name="second-factor-picture"),
    path("preferences/", account.Preferences.as_view(), name="preferences"),
    path("data.json", account.Data.as_view(), name="data"),
    path("delete/", account.Delete.as_view(), name="delete"),
]
