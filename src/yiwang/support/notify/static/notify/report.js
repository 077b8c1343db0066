// Messages a day by channel as a picture; the same figures stand in the table and are enough without it.
const place = document.querySelector("[data-report]");

function draw(echarts) {
  const rows = JSON.parse(document.getElementById("message-report").textContent);
  const days = [...new Set(rows.map((row) => row[0]))];
  const channels = [...new Set(rows.map((row) => row[1]))];
  const count = new Map(rows.map(([day, channel, total]) => [`${day} ${channel}`, total]));
  place.hidden = false;
  const chart = echarts.init(place, null, { renderer: "svg", height: 260 });
  chart.setOption({
    animation: false,
    aria: { enabled: false },
    color: ["#1456c8", "#c77700", "#2e7d32"],
    grid: { left: 8, right: 8, top: 32, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: days },
    yAxis: { type: "value", minInterval: 1 },
    series: channels.map((name) => ({
      name,
      type: "bar",
      stack: "all",
      barMaxWidth: 32,
      data: days.map((day) => count.get(`${day} ${name}`) ?? 0),
    })),
  });
  addEventListener("resize", () => chart.resize());
}

if (place) draw(await import(place.dataset.echarts));
