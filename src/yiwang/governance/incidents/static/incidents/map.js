// The map of incidents: grids as outlines, incidents as points by lamp. Without WebGL the list stays alone.
import { bounds, fetched, opened } from "../design/maplibre.js";

const root = document.querySelector("[data-incident-map]");
const COLOURS = ["match", ["get", "lamp"], "red", "#c4262e", "yellow", "#e08a00", "done", "#8796ab", "#1456c8"];

function show(code) {
  for (const row of document.querySelectorAll("[data-code]")) row.classList.toggle("is-here", row.dataset.code === code);
}

async function draw() {
  root.hidden = false;
  const points = JSON.parse(document.getElementById("incident-points").textContent);
  const [kit, answer] = await Promise.all([fetched(root), fetch(root.dataset.grids)]);
  const grids = await answer.json();
  const map = opened(kit, root, bounds(kit, [grids, points]), { padding: 32, maxZoom: 15 });
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
