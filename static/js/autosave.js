// Saves a form by itself a moment after the last key, as long as it carries data-autosave; without this script its
// button saves. htmx sends it and puts the answer in place; what is typed is never replaced.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  let saved = new FormData(form).get("text");
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) saved = event.detail.requestConfig.formData.get("text");
  });
  // Leaving with something unsaved asks first.
  window.addEventListener("beforeunload", (event) => {
    if (new FormData(form).get("text") !== saved) event.preventDefault();
  });
  form.addEventListener("submit", () => { saved = new FormData(form).get("text"); });
}
