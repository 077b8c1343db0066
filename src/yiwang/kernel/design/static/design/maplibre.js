// Every map of ours: MapLibre (1 MB) is fetched when one is drawn, on plain paper without tiles, moved with two fingers or Ctrl.
const PAPER = { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": "#f3f6fa" } }] };

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

function spread(box, coordinates) {
  if (typeof coordinates[0] === "number") box.extend(coordinates);
  else for (const each of coordinates) spread(box, each);
}

// The box that holds every feature of GeoJSON collections, and single points.
export function bounds(kit, collections, points = []) {
  const box = new kit.LngLatBounds();
  for (const found of collections) for (const each of found.features) spread(box, each.geometry.coordinates);
  for (const point of points) box.extend(point);
  return box;
}

// MapLibre itself, as `root` says where it lies.
export async function fetched(root) {
  const [kit] = await Promise.all([import(root.dataset.maplibre), stylesheet(root.dataset.style)]);
  kit.setWorkerUrl(new URL(root.dataset.worker, location.href).href);
  return kit;
}

// A map in the canvas of `root`, with its words in the page's language.
export function opened(kit, root, box, fit) {
  const words = root.dataset;
  const map = new kit.Map({
    container: root.querySelector("[data-canvas]"),
    style: PAPER,
    bounds: box,
    fitBoundsOptions: fit,
    attributionControl: false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    locale: {
      "Map.Title": words.label,
      "NavigationControl.ZoomIn": words.zoomIn,
      "NavigationControl.ZoomOut": words.zoomOut,
      "CooperativeGesturesHandler.WindowsHelpText": words.keys,
      "CooperativeGesturesHandler.MacHelpText": words.keys.replace("Ctrl", "⌘"),
      "CooperativeGesturesHandler.MobileHelpText": words.fingers,
    },
  });
  map.addControl(new kit.NavigationControl({ showCompass: false }), "top-right");
  return map;
}
