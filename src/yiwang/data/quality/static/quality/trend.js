// The trend as a picture; its figures stand in the table below and are enough without it.
const place = document.querySelector("[data-trend]");

function draw(echarts) {
  const rows = JSON.parse(document.getElementById("quality-trend").textContent);
  const colour = (name, otherwise) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
  place.hidden = false;
  const chart = echarts.init(place, null, { renderer: "svg" });
  chart.setOption({
    animation: false,
    aria: { enabled: false },
    grid: { left: 8, right: 8, top: 32, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: rows.map((row) => row[0]) },
    yAxis: [
      { type: "value", max: 100, min: (found) => Math.max(0, Math.floor(found.min / 10) * 10) },
      { type: "value", minInterval: 1, splitLine: { show: false } },
    ],
    series: [
      { name: "平均得分", type: "line", data: rows.map((row) => row[1]), color: colour("--yw-brand", "#1456c8"), symbolSize: 6 },
      { name: "有问题的行", type: "bar", yAxisIndex: 1, data: rows.map((row) => row[2]), color: "#c8ced6", barMaxWidth: 24 },
    ],
  });
  addEventListener("resize", () => chart.resize());
}

if (place) draw(await import(place.dataset.echarts));
