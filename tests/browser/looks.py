"""How the tests look at a page in the browser; each look gives what is wrong as lines to read."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
LOOKS = Path(__file__).with_suffix(".js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = 320
DESK = 1280
#: A desk's width for somebody who has the browser enlarge everything to 200 %.
ENLARGED = 640

#: Stops inside a stop, such as day, month and year of a date.
INNER_STOPS = 40


def axe(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and its own best practices."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"axe {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def ask(page: Page, *questions: str) -> list[str]:
    """What `looks.js` says to each of the questions, with the width at which it was asked."""
    if not page.evaluate("'looks' in window"):
        page.evaluate(LOOKS)
    return [line for question in questions for line in page.evaluate(f"looks.{question}()")]


def at_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def settle(page: Page) -> None:
    """Waits until the page is painted as it is now: even without motion a change is seen with the next frame only."""
    page.evaluate("new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))")


def skip_link(page: Page) -> list[str]:
    """The first key shows the way to the content, the second takes it."""
    for _key in range(3):  # Chromium may drop keys until a page is painted
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body"):
            break
    settle(page)
    stop, top = page.evaluate("(({ activeElement: at }) => [at.outerHTML, at.getBoundingClientRect().top])(document)")
    if not page.locator(".skip:focus").count() or top < 0:
        return [f"the first stop of the keyboard is not the skip link but {stop[:80]}"]
    page.keyboard.press("Enter")
    return [] if page.evaluate("document.activeElement.matches('main')") else ["the skip link leads astray"]


def walk(page: Page) -> list[str]:
    """From the first to the last stop of the keyboard: all are reached, in the order of the page, and seen."""
    for _stop in range(page.evaluate("looks.setOut()") - 1):
        page.keyboard.press("Tab")
    for _stop in range(INNER_STOPS):
        if page.evaluate("looks.arrived()"):
            break
        page.keyboard.press("Tab")
    return ask(page, "walk")


def large_text(page: Page) -> list[str]:
    """Letters of twice the size, by the reader's own settings: nothing is cut off or runs out of the page."""
    settings = page.context.new_cdp_session(page)
    settings.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    page.evaluate("document.documentElement.style.fontSize = '32px'")
    settle(page)
    wrong = ask(page, "width", "clipped")
    page.evaluate("document.documentElement.removeAttribute('style')")
    settings.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    settings.detach()
    settle(page)
    return [f"at 200 %: {line}" for line in wrong]


def empty_forms(page: Page, address: str) -> list[str]:
    """Each form that needs an entry, sent without one: the page comes again and says what is missing, and where."""
    wrong: list[str] = []
    for form in range(page.evaluate("looks.countForms()")):
        if form:
            page.goto(address)
            ask(page)
        with page.expect_navigation():
            page.evaluate("form => looks.sendEmpty(form)", form)
        wrong += [f"sent empty: {line}" for line in [*ask(page, "errors", "headings", "width"), *axe(page)]]
    return wrong


def look_at(page: Page, address: str) -> list[str]:
    """Everything that is wrong with the page at `address`, on a desk and a phone, by eye, ear and keyboard."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    at_width(page, DESK)
    response = page.goto(address)
    assert response is not None
    if response.status != 200:
        return [f"status {response.status}"]
    wrong += [*skip_link(page), *ask(page, "frame", "width", "order"), *axe(page), *large_text(page)]
    at_width(page, ENLARGED)
    wrong += ask(page, "width")
    at_width(page, PHONE)
    wrong += [*ask(page, "width", "order"), *axe(page), *walk(page)]
    return [*wrong, *empty_forms(page, address)]
