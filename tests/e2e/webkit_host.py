#!/usr/bin/python3
"""The smallest WebKitGTK browser that WebKitWebDriver can drive; runs under the system's Python, which has ``gi``.

``--config=`` contains JSON: ``scripts`` (run at the start of every document), ``settings`` (of WebKit), ``cookies`` and
``autoplay`` (names of WebKit's policies), ``dark``, ``downloads`` (a folder). It is always a private window.
"""

import json
import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2

PREFIX = "--config="
config = json.loads(next((argument.removeprefix(PREFIX) for argument in sys.argv if argument.startswith(PREFIX)), "{}"))

context = WebKit2.WebContext.new_ephemeral()
context.set_automation_allowed(True)
context.set_preferred_languages(["en-GB"])
cookies = context.get_website_data_manager().get_cookie_manager()
cookies.set_accept_policy(getattr(WebKit2.CookieAcceptPolicy, config.get("cookies", "NO_THIRD_PARTY")))

scripts = WebKit2.UserContentManager()
for source in config.get("scripts", []):
    frames, moment = WebKit2.UserContentInjectedFrames.ALL_FRAMES, WebKit2.UserScriptInjectionTime.START
    scripts.add_script(WebKit2.UserScript(source, frames, moment, None, None))

Gtk.Settings.get_default().set_property("gtk-application-prefer-dark-theme", config.get("dark", False))
settings = WebKit2.Settings(**config.get("settings", {}))
policies = WebKit2.WebsitePolicies(autoplay=getattr(WebKit2.AutoplayPolicy, config.get("autoplay", "DENY")))


def open_view(*_):
    """Open a window for each tab, so that no tab is hidden."""
    view = WebKit2.WebView(
        web_context=context,
        settings=settings,
        user_content_manager=scripts,
        website_policies=policies,
        is_controlled_by_automation=True,
    )
    window = Gtk.Window()
    window.set_default_size(1280, 900)
    window.add(view)
    window.show_all()
    view.connect("close", lambda *_: window.destroy())
    return view


def on_automation(_, session):
    """Identify the browser to the driver, which checks the name."""
    info = WebKit2.ApplicationInfo()
    info.set_name("WebKitGTK")
    info.set_version(2, WebKit2.get_minor_version(), WebKit2.get_micro_version())
    session.set_application_info(info)
    session.connect("create-web-view", open_view)


def on_download(_, download):
    """Save a download without a dialog."""
    folder = Path(config["downloads"])
    download.connect("decide-destination", lambda to, name: to.set_destination((folder / name).as_uri()))


context.connect("automation-started", on_automation)
if config.get("downloads"):
    context.connect("download-started", on_download)
Gtk.main()
