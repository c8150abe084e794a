// Saves a form by itself a moment after the last key, as long as it carries data-autosave; without this script its
// button saves. htmx sends it and puts the answer in place; what is typed is never replaced. What could not be sent is
// kept in this browser and offered again.
const TRY_AGAIN = 5000;

// Storage can be full or forbidden; then the text still stands in the field.
const storage = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* see above */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* see above */ } },
};

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const field = form.elements.text;
  const key = `autosave:${location.pathname}`;
  const offline = form.querySelector("[data-offline]");
  const kept = form.querySelector("[data-kept]");
  const sendAgain = () => { if (field.value !== saved) field.dispatchEvent(new Event("input", { bubbles: true })); };
  let saved = field.value;
  let timer;

  if (storage.get(key) && storage.get(key) !== saved) {
    kept.hidden = false;
    kept.querySelector("[data-take]").addEventListener("click", () => {
      field.value = storage.get(key);
      kept.hidden = true;
      sendAgain();
      field.focus();
    });
    kept.querySelector("[data-drop]").addEventListener("click", () => {
      storage.drop(key);
      kept.hidden = true;
      field.focus();
    });
  }
  field.addEventListener("input", () => { if (kept.hidden) storage.set(key, field.value); });
  // Somebody else's text is shown beside this one: it is overwritten by the button alone, never by itself.
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (form.querySelector("[data-conflict]")) event.preventDefault();
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    clearTimeout(timer);
    offline.hidden = event.detail.successful;
    if (!event.detail.successful) { timer = setTimeout(sendAgain, TRY_AGAIN); return; }
    if (form.querySelector("[data-conflict], [data-refused]")) return;
    saved = event.detail.requestConfig.formData.get("text");
    if (field.value === saved && kept.hidden) storage.drop(key);
  });
  window.addEventListener("online", sendAgain);
  // Leaving with something unsaved asks first.
  window.addEventListener("beforeunload", (event) => { if (field.value !== saved) event.preventDefault(); });
  form.addEventListener("submit", () => { saved = field.value; storage.drop(key); });
}
