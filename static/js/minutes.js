// Live minutes: saves while one types, warns when somebody else saved the same item, and keeps what could not be
// sent in this browser. Without this script each item is a plain form with the same check.

const words = document.getElementById("live-words").content.firstElementChild.dataset;
const SAVE_AFTER = 1200;
const LOOK_EVERY = 5000;

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function button(label, action, look = "btn btn-2 btn-small") {
  const node = element("button", { type: "button", class: look }, label);
  node.addEventListener("click", action);
  return node;
}

// Storage can be full or forbidden; then the text still stands in the field.
const storage = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* see above */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* see above */ } },
};

class Item {
  constructor(form) {
    this.form = form;
    this.key = form.dataset.key;
    this.area = form.querySelector("textarea");
    this.status = form.querySelector(".live-state");
    this.version = Number(form.elements.version.value);
    this.busy = false;
    this.conflict = null;
    this.buildEditor();
    form.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    this.offerKept();
  }

  buildEditor() {
    const label = this.form.querySelector("label");
    label.id = `${this.area.id}-label`;
    this.box = element("div", {
      class: "rich prose", contenteditable: "true", role: "textbox", "aria-multiline": "true",
      "aria-labelledby": label.id,
    });
    // From the server only, where it was sanitised.
    this.box.innerHTML = this.area.value;
    this.saved = this.box.innerHTML;
    const tools = element("div", { class: "rich-tools", role: "group", "aria-label": words.toolbar });
    const does = (command, value) => () => {
      this.box.focus();
      document.execCommand(command, false, value);
      this.changed();
    };
    const tool = (name, action) => button(name, action, "tool");
    tools.append(
      tool(words.bold, does("bold")),
      tool(words.italic, does("italic")),
      tool(words.bullets, does("insertUnorderedList")),
      tool(words.numbers, does("insertOrderedList")),
      tool(words.table, does("insertHTML",
        "<table><tbody><tr><th><br></th><th><br></th></tr><tr><td><br></td><td><br></td></tr></tbody></table><p><br></p>")),
      tool(words.link, () => {
        const address = prompt(words.address, "https://");
        if (address && /^(https?:|mailto:)/i.test(address)) does("createLink", address)();
      }),
    );
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("blur", () => this.save());
    this.area.hidden = true;
    this.area.after(element("div", { class: "rich-frame" }, tools, this.box));
    label.removeAttribute("for");
    label.addEventListener("click", () => this.box.focus());
  }

  get text() { return this.box.innerHTML; }

  get isDirty() { return this.text !== this.saved; }

  say(text) { this.status.textContent = text; }

  changed() {
    storage.set(this.key, { text: this.text, version: this.version });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_AFTER);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy || this.conflict || this.isFrozen || !this.isDirty) return;
    this.busy = true;
    this.say(words.saving);
    const sent = this.text;
    const data = new FormData(this.form);
    data.set("text", sent);
    data.set("version", this.version);
    try {
      const response = await fetch(this.form.action, {
        method: "POST", body: data, headers: { Accept: "application/json" }, redirect: "manual",
      });
      const type = response.headers.get("Content-Type") || "";
      const answer = type.includes("json") ? await response.json() : {};
      if (response.ok) {
        this.version = answer.version;
        this.form.elements.version.value = answer.version;
        this.saved = sent;
        if (this.text === sent) storage.drop(this.key); else this.changed();
        this.say(`${words.saved} ${answer.at}`);
      } else if (answer.theirs) {
        this.showConflict(answer.theirs);
      } else if (answer.frozen) {
        freeze();
      } else if (response.type === "opaqueredirect" || response.status === 403) {
        this.say(words.signedOut);
      } else {
        this.say(answer.error || words.offline);
      }
    } catch {
      this.say(words.offline);
    }
    this.busy = false;
  }

  notice(...children) {
    const node = notice(...children);
    this.form.append(node);
    return node;
  }

  // Nothing can be saved any more; what was typed stays to be copied, and in this browser.
  freeze() {
    this.isFrozen = true;
    clearTimeout(this.timer);
    this.box.setAttribute("contenteditable", "false");
    this.box.setAttribute("aria-readonly", "true");
    this.say(words.frozen);
  }

  showConflict(theirs) {
    storage.set(this.key, { text: this.text, version: this.version });
    this.say("");
    const other = element("div", { class: "prose resolved" });
    other.innerHTML = theirs.text;
    const settle = (text) => () => {
      if (text !== null) this.box.innerHTML = text();
      this.version = theirs.version;
      this.saved = other.innerHTML;
      this.conflict.remove();
      this.conflict = null;
      this.box.focus();
      if (this.isDirty) this.save(); else storage.drop(this.key);
    };
    this.conflict = this.notice(
      element("p", {}, words.theirs),
      element("p", {}, element("strong", {}, `${words.by} ${theirs.by} (${theirs.at})`)),
      other,
      element("p", { class: "actions" },
        button(words.append, settle(() => theirs.text + this.text)),
        button(words.replace, settle(null)),
        button(words.take, settle(() => theirs.text))),
    );
  }

  offerKept() {
    const kept = storage.get(this.key);
    if (!kept || typeof kept.text !== "string" || kept.text === this.saved) return storage.drop(this.key);
    const node = this.notice(
      element("p", {}, words.kept), element("div", { class: "prose resolved" }, plain(kept.text)),
      element("p", { class: "actions" },
        button(words.restore, () => {
          this.box.innerHTML = safe(kept.text);
          // Saved against the version that it began from: if somebody wrote since, both texts are shown.
          this.version = kept.version;
          node.remove();
          this.save();
        }),
        button(words.discard, () => { storage.drop(this.key); node.remove(); })),
    );
    return undefined;
  }

  // What somebody else did, seen while nobody saves here.
  hear(state) {
    if (state.version <= this.version || this.conflict || this.busy) return;
    if (this.isDirty) {
      this.say(`${words.elsewhere} ${state.by}`);
    } else {
      this.box.innerHTML = state.text;
      this.saved = this.box.innerHTML;
      this.version = state.version;
      this.form.elements.version.value = state.version;
      this.say(`${words.by} ${state.by} (${state.at})`);
    }
  }
}

// The policy forbids scripts anyway; nothing that could run is even put into the page.
function safe(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const node of body.querySelectorAll("script, style, iframe, object, svg, math, link, meta")) node.remove();
  for (const node of body.querySelectorAll("*")) {
    for (const { name } of [...node.attributes]) if (name !== "href") node.removeAttribute(name);
    if (/^\s*javascript:/i.test(node.getAttribute("href") || "")) node.removeAttribute("href");
  }
  return body.innerHTML;
}

// What lies in the browser was never sanitised: shown as text until somebody takes it.
function plain(html) {
  return new DOMParser().parseFromString(html, "text/html").body.innerText;
}

function notice(...children) {
  return element("div", { class: "live-notice stack tight", role: "alert" }, ...children);
}

// Where nobody writes any more, what came too late is offered to be copied.
function offerTooLate(place) {
  const kept = storage.get(place.dataset.key);
  if (!kept || typeof kept.text !== "string") return;
  const text = plain(kept.text);
  const done = element("span", { class: "small soft", role: "status" });
  const node = notice(
    element("p", {}, words.tooLate), element("div", { class: "prose resolved" }, text),
    element("p", { class: "actions" },
      button(words.copy, async () => {
        await navigator.clipboard.writeText(text);
        done.textContent = words.copied;
      }),
      button(words.discard, () => { storage.drop(place.dataset.key); node.remove(); }), done),
  );
  place.append(node);
}

for (const place of document.querySelectorAll(".live-too-late")) offerTooLate(place);

const items = new Map();
for (const form of document.querySelectorAll("form.live-text")) items.set(form.dataset.item, new Item(form));

document.addEventListener("paste", (event) => {
  const box = event.target.closest?.(".rich");
  const html = event.clipboardData?.getData("text/html");
  if (!box || !html) return;
  event.preventDefault();
  document.execCommand("insertHTML", false, safe(html));
});

function freeze() {
  clearInterval(looking);
  for (const item of items.values()) item.freeze();
}

const source = document.querySelector(".minutes-live").dataset.now;
const looking = setInterval(async () => {
  if (document.hidden || !items.size) return undefined;
  try {
    const response = await fetch(source, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!response.ok) return undefined;
    const now = await response.json();
    if (!now.open) return freeze();
    for (const [key, state] of Object.entries(now.items)) items.get(key)?.hear(state);
  } catch {
    return undefined; // Saving says when there is no connection.
  }
  for (const item of items.values()) item.save();
  return undefined;
}, LOOK_EVERY);

window.addEventListener("online", () => { for (const item of items.values()) item.save(); });
