// A sketch of where offices stand. MapLibre (1 MB) is fetched only when the map comes into view; without WebGL the list stays alone.
const root = document.querySelector("[data-sketch-map]");

const PAPER = {
  version: 8,
  sources: {},
  layers: [{ id: "paper", type: "background", paint: { "background-color": "#f3f6fa" } }],
};

function stylesheet(href) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  return new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = reject;
    document.head.append(link);
  });
}

function pin(each) {
  const element = document.createElement(each.url ? "a" : "span");
  element.className = each.is_here ? "yw-pin is-here" : "yw-pin";
  if (each.url) element.href = each.url;
  element.title = each.note || each.name;
  const name = document.createElement("span");
  name.className = "yw-pin-name";
  name.textContent = each.name;
  const dot = document.createElement("span");
  dot.className = "yw-pin-dot";
  element.append(name, dot);
  return element;
}

function bounds(kit, data) {
  const box = new kit.LngLatBounds();
  for (const shape of data.outlines.features) for (const ring of shape.geometry.coordinates) for (const point of ring) box.extend(point);
  for (const each of data.pins) box.extend([each.lon, each.lat]);
  return box;
}

async function draw() {
  root.hidden = false;
  const [kit] = await Promise.all([import(root.dataset.maplibre), stylesheet(root.dataset.style)]);
  kit.setWorkerUrl(new URL(root.dataset.worker, location.href).href);
  const data = JSON.parse(document.getElementById("sketch-map").textContent);
  const map = new kit.Map({
    container: root.querySelector("[data-canvas]"),
    style: PAPER,
    bounds: bounds(kit, data),
    fitBoundsOptions: { padding: { top: 56, bottom: 28, left: 36, right: 36 }, maxZoom: 13 },
    attributionControl: false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    locale: {
      "Map.Title": root.dataset.label,
      "NavigationControl.ZoomIn": root.dataset.zoomIn,
      "NavigationControl.ZoomOut": root.dataset.zoomOut,
      "CooperativeGesturesHandler.WindowsHelpText": root.dataset.keys,
      "CooperativeGesturesHandler.MacHelpText": root.dataset.keys.replace("Ctrl", "⌘"),
      "CooperativeGesturesHandler.MobileHelpText": root.dataset.fingers,
    },
  });
  map.addControl(new kit.NavigationControl({ showCompass: false }), "top-right");
  map.on("load", () => {
    map.addSource("outlines", { type: "geojson", data: data.outlines });
    map.addLayer({ id: "inside", type: "fill", source: "outlines", paint: { "fill-color": "#dfe9f8" } });
    map.addLayer({ id: "edge", type: "line", source: "outlines", paint: { "line-color": "#7f9cc9", "line-width": 1.5 } });
    root.dataset.state = "drawn";
  });
  for (const each of data.pins) new kit.Marker({ element: pin(each), anchor: "bottom" }).setLngLat([each.lon, each.lat]).addTo(map);
}

function failed() {
  root.hidden = true;
  root.dataset.state = "failed";
}

if (root) {
  // Hidden things never come into view: a marker before it does.
  const marker = document.createElement("span");
  root.before(marker);
  const watch = new IntersectionObserver(
    (seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      watch.disconnect();
      draw().catch(failed);
    },
    { rootMargin: "300px" },
  );
  watch.observe(marker);
}
