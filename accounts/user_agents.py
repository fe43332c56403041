"""Browsers and systems in plain words, out of what browsers say of themselves. Pure."""

BROWSERS = (
    # Most name others as well, whose pages they want to be sent: whoever is named by fewer stands first.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
)


def describe_user_agent(agent: str) -> str:
    """Such as "Firefox on Linux"; nothing of what was sent is in it."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "A program")
    system = next((name for mark, name in SYSTEMS if mark in agent), None)
    return f"{browser} on {system}" if system else browser
