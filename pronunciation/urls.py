"""Routes of the account's dictionary, under ``/accounts/pronunciation/``."""

from django.urls import path, re_path

from pronunciation import views, word_api

app_name = "pronunciation"
urlpatterns = [
    path("", views.Entries.as_view(), name="list"),
    path("reading/", views.Preferences.as_view(), name="preferences"),
    path("add/", views.Edit.as_view(), name="add"),
    path("word.json", word_api.word, name="word"),
    path("word/hear", word_api.hear_word, name="hear-word"),
    path("add/hear/", views.hear, name="hear-new"),
    path("<int:pk>/", views.Edit.as_view(), name="edit"),
    path("<int:pk>/hear/", views.hear, name="hear"),
    re_path(r"^pronunciations\.(?P<file_format>csv|pls)$", views.export, name="export"),
]
