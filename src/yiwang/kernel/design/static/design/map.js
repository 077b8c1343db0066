// A sketch of where offices stand, fetched only when it comes into view; without WebGL the list stays alone.
import { bounds, fetched, opened } from "./maplibre.js";

const root = document.querySelector("[data-sketch-map]");

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

async function draw() {
  root.hidden = false;
  const kit = await fetched(root);
  const data = JSON.parse(document.getElementById("sketch-map").textContent);
  const box = bounds(kit, [data.outlines], data.pins.map((each) => [each.lon, each.lat]));
  const map = opened(kit, root, box, { padding: { top: 56, bottom: 28, left: 36, right: 36 }, maxZoom: 13 });
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
