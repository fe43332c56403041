"""The addresses of accounts, under ``/accounts/``."""

from django.urls import path

from accounts import factor_views, signing, views

app_name = "accounts"
urlpatterns = [
    path("", views.Account.as_view(), name="account"),
    path("sign-up/", signing.SignUp.as_view(), name="sign-up"),
    path("sign-in/", signing.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign-out"),
    path("password/", views.Password.as_view(), name="password"),
    path("sessions/", views.Sessions.as_view(), name="sessions"),
    path("second-factor/", factor_views.SecondFactor.as_view(), name="second-factor"),
    path("second-factor/secret.svg", factor_views.Picture.as_view(), name="second-factor-picture"),
    path("data.json", views.Data.as_view(), name="data"),
    path("delete/", views.Delete.as_view(), name="delete"),
]
