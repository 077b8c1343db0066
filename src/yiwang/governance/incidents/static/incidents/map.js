// The map of incidents: grids as outlines, incidents as points by lamp. MapLibre comes only here; without WebGL the list stays alone.
const root = document.querySelector("[data-incident-map]");
const COLOURS = ["match", ["get", "lamp"], "red", "#c4262e", "yellow", "#e08a00", "done", "#8796ab", "#1456c8"];
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

function bounds(kit, ...collections) {
  const box = new kit.LngLatBounds();
  for (const found of collections) for (const each of found.features) spread(box, each.geometry.coordinates);
  return box;
}

function show(code) {
  for (const row of document.querySelectorAll("[data-code]")) row.classList.toggle("is-here", row.dataset.code === code);
}

async function draw() {
  root.hidden = false;
  const points = JSON.parse(document.getElementById("incident-points").textContent);
  const [kit, answer] = await Promise.all([import(root.dataset.maplibre), fetch(root.dataset.grids), stylesheet(root.dataset.style)]);
  const grids = await answer.json();
  kit.setWorkerUrl(new URL(root.dataset.worker, location.href).href);
  const map = new kit.Map({
    container: root.querySelector("[data-canvas]"),
    style: PAPER,
    bounds: bounds(kit, grids, points),
    fitBoundsOptions: { padding: 32, maxZoom: 15 },
    attributionControl: false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    locale: {
      "Map.Title": "事件示意图",
      "NavigationControl.ZoomIn": "放大",
      "NavigationControl.ZoomOut": "缩小",
      "CooperativeGesturesHandler.WindowsHelpText": "按住 Ctrl 再滚动，可以缩放地图",
      "CooperativeGesturesHandler.MacHelpText": "按住 ⌘ 再滚动，可以缩放地图",
      "CooperativeGesturesHandler.MobileHelpText": "用两个手指移动地图",
    },
  });
  map.addControl(new kit.NavigationControl({ showCompass: false }), "top-right");
  map.on("load", () => {
    map.addSource("grids", { type: "geojson", data: grids });
    map.addLayer({ id: "inside", type: "fill", source: "grids", paint: { "fill-color": "#dfe9f8", "fill-opacity": 0.7 } });
    map.addLayer({ id: "edge", type: "line", source: "grids", paint: { "line-color": "#9db4d8", "line-width": 0.8 } });
    map.addSource("points", { type: "geojson", data: points });
    map.addLayer({
      id: "points",
      type: "circle",
      source: "points",
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 5, 15, 10], "circle-color": COLOURS, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 },
    });
    root.dataset.state = "drawn";
  });
  const popup = new kit.Popup({ closeButton: false, closeOnClick: false, offset: 10 });
  map.on("mousemove", "points", (event) => {
    const { title, step, code } = event.features[0].properties;
    map.getCanvas().style.cursor = "pointer";
    popup.setLngLat(event.features[0].geometry.coordinates).setText(step ? `${title}　${step}` : title).addTo(map);
    show(code);
  });
  map.on("mouseleave", "points", () => {
    map.getCanvas().style.cursor = "";
    popup.remove();
    show("");
  });
  map.on("click", "points", (event) => location.assign(`${root.dataset.page}/${event.features[0].properties.code}`));
}

if (root) {
  draw().catch(() => {
    root.hidden = true;
    root.dataset.state = "failed";
  });
}
