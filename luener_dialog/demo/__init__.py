"""What the portal is filled with: the city's record, and for the demo an example of how it might have gone on."""

from .files import read


def logins() -> list[tuple[str, str, str, str]]:
    """The accounts of the demo: who it is, mail address, password, and what one sees with it."""
    from . import example

    return [
        (entry.text("anmelden_als"), entry.text("mail"), example.PASSWORD, entry.text("hinweis"))
        for entry in read(example.FOLDER)["konten"]
        if "anmelden_als" in entry
    ]
