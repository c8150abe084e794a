// What the tests ask of a page, inside the page. Each function of `looks` gives what is wrong, as lines to read.
window.looks = (() => {
  const MOVES_AT_MOST = 0.001; // seconds
  const REACHABLE = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [contenteditable="true"], [tabindex]';
  const main = () => document.querySelector("main");
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
  const called = (element) => {
    const words = (element.getAttribute("aria-label") || element.innerText || element.name || element.id || "").trim();
    return `<${element.localName}> ${words.replace(/\s+/g, " ").slice(0, 50)}`;
  };
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top: top + scrollY, right, bottom: bottom + scrollY };
  };
  const isForReadersOnly = (element) => element.closest(".kern-sr-only, .skip, .month thead, .report thead, .measure-table thead") !== null;

  function language() {
    const wrong = [...document.querySelectorAll("[lang]")].filter((part) => !/^[a-z]{2}(-[A-Za-z]+)*$/.test(part.lang));
    if (!document.documentElement.lang) wrong.push(document.documentElement);
    return wrong.map((part) => `no language: ${called(part)}`);
  }

  function headings() {
    const lines = [];
    const all = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((heading) => heading.checkVisibility());
    const levels = all.map((heading) => Number(heading.localName[1]));
    if (levels.filter((level) => level === 1).length !== 1) lines.push(`h1: ${levels}`);
    if (levels[0] !== 1) lines.push(`begins with ${all[0] && called(all[0])}`);
    levels.forEach((level, at) => {
      if (at && level > levels[at - 1] + 1) lines.push(`a level is left out before ${called(all[at])}`);
    });
    for (const heading of all) if (!heading.textContent.trim()) lines.push(`empty ${heading.localName}`);
    return lines;
  }

  function landmarks() {
    const lines = [];
    for (const selector of ["body > header", "main#inhalt", "body > footer"]) {
      const found = document.querySelectorAll(selector).length;
      if (found !== 1) lines.push(`${found} of ${selector}`);
    }
    const names = [...document.querySelectorAll("nav")].map((nav) => nav.getAttribute("aria-label")
      || document.getElementById(nav.getAttribute("aria-labelledby"))?.textContent);
    if (names.some((name) => !name) || new Set(names).size !== names.length) lines.push(`names of nav: ${names}`);
    return lines;
  }

  // What the server puts into a page later is read out only from inside a live region that stays where it is.
  function liveRegions() {
    const live = '[aria-live="polite"], [aria-live="assertive"], [role="status"], [role="alert"], [role="log"]';
    return [...document.querySelectorAll("[hx-get], [hx-post]")].filter((source) => {
      const chosen = source.getAttribute("hx-target");
      const target = chosen ? document.querySelector(chosen) : source;
      const staying = (source.getAttribute("hx-swap") || "").startsWith("outerHTML") ? target?.parentElement : target;
      return !staying?.closest(live);
    }).map((source) => `no live region around what changes: ${called(source)}`);
  }

  function motion() {
    const lines = document.getAnimations()
      .filter((one) => one.effect.getComputedTiming().duration > 1000 * MOVES_AT_MOST).map(() => "something moves");
    if (getComputedStyle(document.documentElement).scrollBehavior !== "auto") lines.push("scrolls smoothly");
    for (const element of document.querySelectorAll("body *")) {
      const style = getComputedStyle(element);
      const longest = `${style.transitionDuration},${style.animationDuration}`.split(",").map(parseFloat);
      if (Math.max(...longest) > MOVES_AT_MOST) lines.push(`moves: ${called(element)}`);
    }
    return lines;
  }

  function inline() {
    return [...document.querySelectorAll("[style]")].map((element) => `inline style: ${called(element)}`);
  }

  function width() {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`scrolls ${scrollWidth - clientWidth} px to the side at ${clientWidth} px`] : [];
  }

  // A list to choose from is drawn by the browser, which scrolls it.
  function clipped() {
    return [...document.querySelectorAll("body *")].filter((element) => {
      if (!isSeen(element) || isForReadersOnly(element) || element.closest("select") || !element.innerText?.trim()) return false;
      const { overflowX, overflowY } = getComputedStyle(element);
      return (["hidden", "clip"].includes(overflowX) && element.scrollWidth > element.clientWidth + 1)
        || (["hidden", "clip"].includes(overflowY) && element.scrollHeight > element.clientHeight + 1);
    }).map((element) => `text is cut off: ${called(element)}`);
  }

  // Of a group of radio buttons the keyboard stops at one.
  function stops() {
    const groups = new Map();
    return [...document.querySelectorAll(REACHABLE)].filter((element) => {
      if (element.tabIndex < 0 || element.disabled || !isSeen(element)) return false;
      if (element.localName === "summary" && element !== element.parentElement.querySelector("summary")) return false;
      if (element.type !== "radio") return true;
      const others = [...document.querySelectorAll('input[type="radio"]')]
        .filter((radio) => radio.name === element.name && radio.form === element.form && !radio.disabled);
      const stop = others.find((radio) => radio.checked) ?? others[0];
      groups.set(element.name, stop);
      return element === stop;
    });
  }

  // Beside may go up again, as columns do; back never.
  function order() {
    const seen = stops().filter((element) => !isForReadersOnly(element));
    const lines = seen.filter((element) => element.tabIndex > 0).map((element) => `tabindex: ${called(element)}`);
    seen.slice(1).forEach((after, at) => {
      const [a, b] = [box(seen[at]), box(after)];
      const isAbove = b.bottom <= a.top + 1 && b.left < a.right - 1;
      const isBack = b.right <= a.left + 1 && b.top < a.bottom - 1 && b.bottom <= a.bottom + 1 && b.top > a.top - 1;
      if (isAbove || isBack) lines.push(`${called(after)} is reached after ${called(seen[at])}, but stands before it`);
    });
    return lines;
  }

  const look = (element) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(element);
    return outlineStyle === "none" ? boxShadow : `${outlineStyle} ${outlineWidth} ${outlineColor} ${boxShadow}`;
  };
  let expected = [];
  let walked = [];
  let before = new Map();
  let unseen = [];

  // Begins a walk at the skip link; the test presses the key, `arrived` tells when to stop, `walk` what was wrong.
  function setOut() {
    document.activeElement?.blur();
    expected = stops();
    before = new Map(expected.map((element) => [element, look(element)]));
    document.addEventListener("focusin", ({ target }) => {
      walked.push(target);
      if (before.has(target) && look(target) === before.get(target)) unseen.push(target);
    });
    expected[0].focus();
    return expected.length;
  }

  const arrived = () => walked.includes(expected.at(-1));

  function walk() {
    const reached = [...new Set(walked)].filter((element) => before.has(element));
    const missed = expected.filter((element) => !reached.includes(element));
    const astray = missed.length ? [] : reached.filter((element, at) => element !== expected[at]).slice(0, 1);
    return [
      ...missed.map((element) => `not reached by keyboard: ${called(element)}`),
      ...astray.map((element) => `reached out of turn: ${called(element)}`),
      ...unseen.map((element) => `focus does not show: ${called(element)}`),
    ];
  }

  // Forms that cannot do without an entry.
  const EMPTY = 'input[required]:not([type="hidden"]), textarea[required], select[required]';
  const askingForms = () => [...document.querySelectorAll('main form[method="post"]')]
    .filter((form) => isSeen(form) && [...form.querySelectorAll(EMPTY)].some((field) => isSeen(field) && canBeEmpty(field)));
  const canBeEmpty = (field) => field.localName !== "select" || [...field.options].some((option) => option.value === "");

  function sendEmpty(at) {
    const form = askingForms()[at];
    for (const field of form.querySelectorAll(EMPTY)) {
      if (["checkbox", "radio"].includes(field.type)) field.checked = false;
      else if (canBeEmpty(field)) field.value = "";
    }
    form.noValidate = true;
    form.requestSubmit(form.querySelector('button:not([type="button"], [formaction])'));
  }

  function errors() {
    const summary = main().querySelector('.error-summary[role="alert"]');
    if (!summary || !isSeen(summary)) return ["no summary of what is wrong"];
    const links = [...summary.querySelectorAll("a")];
    if (!links.length) return ["the summary leads to no field"];
    return links.flatMap((link) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field || !isSeen(field)) return [`leads nowhere: ${called(link)}`];
      const says = (field.getAttribute("aria-describedby") || "").split(" ").map((id) => document.getElementById(id));
      const control = field.localName === "fieldset" ? field.querySelector("input, select, textarea") : field;
      link.focus();
      link.click();
      return [
        ...(says.every(Boolean) && says.some((part) => part.matches(".kern-error")) ? [] : [`error untied: ${called(link)}`]),
        ...(control.getAttribute("aria-invalid") === "true" ? [] : [`not marked as wrong: ${called(link)}`]),
        ...(field.localName === "fieldset" || document.activeElement === field ? [] : [`no focus by ${called(link)}`]),
      ];
    });
  }

  const frame = () => [language, headings, landmarks, liveRegions, motion, inline].flatMap((ask) => ask());
  return { frame, headings, width, clipped, order, setOut, arrived, walk, errors, sendEmpty, countForms: () => askingForms().length };
})();
