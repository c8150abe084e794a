// The map of measures. Before the reader presses the button nothing is loaded, neither the library nor a picture.
// The list by district on the same page says the same without this file.
const part = document.querySelector("[data-map]");
const status = part?.querySelector("[data-map-status]");
const words = part?.dataset;
const FARTHEST = 19;

const load = (tag, attributes) => new Promise((resolve, reject) => {
  const element = Object.assign(document.createElement(tag), attributes, { onload: resolve, onerror: reject });
  document.head.append(element);
});

const element = (tag, text = "", attributes = {}) =>
  Object.assign(document.createElement(tag), { textContent: text }, attributes);

function placePopup(place) {
  const box = element("div");
  if (place.place) box.append(element("p", place.place, { className: "small" }));
  const list = element("ul");
  for (const measure of place.measures) {
    const line = element("li");
    line.append(element("a", measure.title, { href: measure.url }), element("br"), element("span", measure.standing));
    list.append(line);
  }
  box.append(list);
  return box;
}

function districtPopup(district) {
  const box = element("div");
  box.append(element("a", district.label, { href: district.url }));
  return box;
}

// Leaflet measures a popup before it shows it; what is hidden takes no focus.
function enter(link) {
  if (getComputedStyle(link).visibility === "visible") link.focus({ preventScroll: true });
  else if (link.isConnected) requestAnimationFrame(() => enter(link));
}

// A place is marked where it is; a district's number stands above its middle, clear of the places there.
const KINDS = {
  place: { size: 28, anchor: [14, 14], popup: placePopup },
  district: { size: 36, anchor: [18, 48], popup: districtPopup },
};

function addMarker(L, map, point, kind, text) {
  const { size, anchor, popup } = KINDS[kind];
  const icon = L.divIcon({
    className: `pin pin-${kind}`, html: element("span", text), iconSize: [size, size], iconAnchor: anchor,
  });
  const marker = L.marker([point.lat, point.lon], { icon, title: point.label }).addTo(map);
  marker.getElement().setAttribute("aria-label", point.label);
  marker.bindPopup(popup(point), { maxWidth: 260 });
  // Who opens it by keyboard stands in it at once, and on the marker again afterwards.
  marker.on("popupopen", ({ popup: opened }) => {
    opened.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", words.close);
    enter(opened.getElement().querySelector(".leaflet-popup-content a"));
  });
  marker.on("popupclose", () => marker.getElement()?.focus({ preventScroll: true }));
}

function draw(L, { places, districts }) {
  const frame = element("div", "", { className: "map" });
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", words.name);
  part.querySelector("[data-map-ask]").replaceWith(frame);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(frame, {
    zoomControl: false,
    scrollWheelZoom: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
  });
  // Markers exist only once the map knows what it shows.
  const points = [...districts, ...places].map((point) => [point.lat, point.lon]);
  map.fitBounds(points, { padding: [40, 40], maxZoom: 15 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  L.tileLayer(words.tiles, { maxZoom: FARTHEST, attribution: element("span", words.attribution).outerHTML })
    .on("tileerror", () => { status.textContent = words.failed; })
    .addTo(map);
  for (const point of districts) addMarker(L, map, point, "district", point.count);
  for (const point of places) {
    addMarker(L, map, point, "place", point.measures.length > 1 ? point.measures.length : "");
  }
  frame.addEventListener("keydown", ({ key }) => { if (key === "Escape") map.closePopup(); });
  frame.focus({ preventScroll: true });
}

async function open(button) {
  button.disabled = true;
  status.textContent = words.loading;
  try {
    const [response] = await Promise.all([
      fetch(words.places, { headers: { accept: "application/json" } }),
      window.L ?? load("script", { src: words.script }),
      load("link", { rel: "stylesheet", href: words.style }),
    ]);
    if (!response.ok) throw new Error(response.statusText);
    const points = await response.json();
    if (!points.places.length && !points.districts.length) {
      status.textContent = words.none;
      return;
    }
    draw(window.L, points);
    status.textContent = words.ready;
  } catch {
    button.disabled = false;
    status.textContent = words.failed;
  }
}

if (part) {
  part.hidden = false;
  const button = part.querySelector("button");
  button.addEventListener("click", () => open(button));
}
