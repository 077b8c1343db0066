// The board's pictures, the key t for tables, the theme, and a fresh page once a minute.
const root = document.documentElement;
const REFRESH_MS = 60_000;
const DRAW = { trend, funnel, ratings };
let echarts;
let drawn = [];

const colour = (name) => getComputedStyle(root).getPropertyValue(`--bd-${name}`).trim();
const text = () => ({ color: colour("ink"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 });
const axis = (more) => ({
  axisLine: { lineStyle: { color: colour("line") } },
  axisLabel: { color: colour("soft") },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: colour("line") } },
  ...more,
});
const whole = { minInterval: 1 };

function trend(rows) {
  const line = (name, at, tone, type) => ({
    name, data: rows.map((row) => row[at]), type: "line", symbolSize: 5, color: colour(tone), lineStyle: { width: 2, type },
  });
  return {
    legend: { textStyle: text(), top: 0, left: 0 },
    grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis" },
    xAxis: axis({ type: "category", data: rows.map((row) => row[0]), splitLine: { show: false } }),
    yAxis: axis({ type: "value", ...whole }),
    series: [line("收件", 1, "opened", "solid"), line("办结", 2, "closed", "dashed")],
  };
}

function bars(rows, fill) {
  return {
    grid: { left: 4, right: 48, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", show: false, ...whole },
    yAxis: axis({ type: "category", data: rows.map((row) => row[0]), inverse: true, axisLine: { show: false } }),
    series: [{
      type: "bar", barWidth: 26, cursor: "default",
      data: rows.map((row) => ({ value: row[1], itemStyle: { color: fill(row) } })),
      label: { show: true, position: "right", color: colour("ink"), formatter: (bar) => `${bar.value}件` },
    }],
  };
}

function funnel(rows) {
  return bars(rows, () => colour("opened"));
}

function ratings(rows) {
  return bars(rows, (row) => colour({ bad: "red", good: "closed", silent: "silent" }[row[2]]));
}

async function draw() {
  echarts ??= await import(root.querySelector("[data-echarts]").dataset.echarts);
  const figures = JSON.parse(document.getElementById("board-charts").textContent);
  drawn.forEach((chart) => chart.dispose());
  drawn = [...document.querySelectorAll("[data-chart]")].map((place) => {
    place.hidden = false;
    const chart = echarts.init(place, null, { renderer: "svg" });
    chart.setOption({ animation: false, textStyle: text(), ...DRAW[place.dataset.chart](figures[place.dataset.chart]) });
    return chart;
  });
  root.classList.add("has-charts");
  drawn.forEach((chart) => chart.resize());
}

const tables = document.querySelector("[data-tables]");
function showTables() {
  const shown = root.classList.toggle("shows-tables");
  tables.setAttribute("aria-pressed", String(shown));
  if (!shown) drawn.forEach((chart) => chart.resize());
}

const theme = document.querySelector("[data-theme-switch]");
function switchTheme() {
  const dark = root.dataset.bsTheme !== "dark";
  root.dataset.bsTheme = dark ? "dark" : "light";
  theme.setAttribute("aria-pressed", String(dark));
  document.cookie = `board-theme=${dark ? "dark" : "light"}; path=/; max-age=31536000; samesite=lax`;
  draw();
}

async function refresh() {
  // Nobody is looking, or somebody is reading a note or is in the middle of the page.
  const busy = document.hidden || document.querySelector(".bd-note[open]") || document.activeElement?.closest("main a, main summary");
  if (busy) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  const body = answer?.ok && !answer.redirected && (await answer.text().catch(() => ""));
  if (!body) return;
  const fresh = new DOMParser().parseFromString(body, "text/html");
  for (const part of ["main", ".bd-cutoff"]) document.querySelector(part).replaceWith(fresh.querySelector(part));
  await draw();
}

tables.hidden = theme.hidden = false;
tables.addEventListener("click", showTables);
theme.addEventListener("click", switchTheme);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "t") showTables();
});
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
setInterval(refresh, REFRESH_MS);
draw();
