"""Reading what stands on paper."""

import re


class Text:
    """What stands on pages, whatever lines and hyphens the words were broken into."""

    def __init__(self, text: str) -> None:
        self.text = self.closed_up(text)

    def __contains__(self, part: str) -> bool:
        return self.closed_up(part) in self.text

    def __repr__(self) -> str:
        return self.text

    @staticmethod
    def closed_up(text: str) -> str:
        return re.sub(r"[\s\u00ad\u2010-]+", "", text)
