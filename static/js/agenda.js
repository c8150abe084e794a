// Drag an item of the agenda by its handle; buttons and keyboard work without this file.
const list = document.querySelector("[data-agenda]");
const status = document.querySelector("[data-agenda-status]");
let dragged = null;

const items = () => [...list.querySelectorAll("[data-item]")];

async function store(item) {
  const form = item.querySelector("form.order");
  const place = items().indexOf(item) + 1;
  const body = new FormData(form);
  body.set("to", place);
  const response = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (!response?.ok) {
    status.textContent = status.dataset.failed;
    return;
  }
  // Numbers and times of all items have changed: the server says which.
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  list.replaceChildren(...page.querySelector("[data-agenda]").children);
  items().forEach(prepare);
  status.textContent = `${status.dataset.moved} ${place}`;
}

function prepare(item) {
  const handle = document.createElement("span");
  handle.className = "handle";
  handle.textContent = "⠿";
  handle.setAttribute("aria-hidden", "true");
  handle.addEventListener("pointerdown", () => { item.draggable = true; });
  item.querySelector("form.order").prepend(handle);
  item.addEventListener("dragstart", (event) => {
    dragged = item;
    event.dataTransfer.effectAllowed = "move";
  });
  item.addEventListener("dragend", () => {
    item.draggable = false;
    if (dragged) store(dragged);
    dragged = null;
  });
  item.addEventListener("dragover", (event) => {
    if (!dragged || dragged === item) return;
    event.preventDefault();
    const box = item.getBoundingClientRect();
    item[event.clientY > box.top + box.height / 2 ? "after" : "before"](dragged);
  });
}

if (list) items().forEach(prepare);
