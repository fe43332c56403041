"""The addresses of accounts, under ``/accounts/``."""

from django.urls import path

from accounts import signing, views

app_name = "accounts"
urlpatterns = [
    path("", views.Account.as_view(), name="account"),
    path("sign-up/", signing.SignUp.as_view(), name="sign-up"),
    path("sign-in/", signing.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign-out"),
    path("password/", views.Password.as_view(), name="password"),
    path("data.json", views.Data.as_view(), name="data"),
    path("delete/", views.Delete.as_view(), name="delete"),
]
