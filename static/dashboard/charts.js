// Draws every `[data-chart]` from the JSON that its id names, with uPlot. Colours come from the tokens, so a change of
// theme draws again. `update` gives a chart new data; the charts of a page share their cursor and their zoom.
import { tick } from "./words.js";

const drawn = new Map(); // plot element -> {chart, plot}
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const STYLES = { err: "--error-solid", s1: "--s1", s2: "--s2", s3: "--s3" };

function alpha(colour, share) {
  return colour + Math.round(share * 255).toString(16).padStart(2, "0");
}

// Two lines: what is over, and dashed the step that still runs.
function points(chart) {
  const times = chart.values.map((_, index) => chart.start + index * chart.step);
  const last = chart.values.length - 1;
  const over = chart.values.map((value, index) => (index < last ? value : null));
  const running = chart.values.map((value, index) => (index >= last - 1 ? value : null));
  return [times, over, running];
}

function isEmpty(chart) {
  return chart.values.every((value) => value === null);
}

// Behind the line: when an alert fired, and the limit with its words.
function paintBehind(chart) {
  return (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    for (const [start, end] of chart.bands) {
      const left = Math.max(plot.valToPos(start, "x", true), bbox.left);
      const right = Math.min(plot.valToPos(end, "x", true), bbox.left + bbox.width);
      if (right <= left) continue;
      ctx.fillStyle = alpha(token("--critical-solid"), 0.06);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.fillStyle = token("--critical-solid");
      ctx.fillRect(left, bbox.top + bbox.height - 3 * ratio, right - left, 3 * ratio);
    }
    if (chart.limit && chart.limit.value <= plot.scales.y.max) {
      const y = plot.valToPos(chart.limit.value, "y", true);
      ctx.strokeStyle = ctx.fillStyle = token("--critical");
      ctx.lineWidth = ratio;
      ctx.setLineDash([5 * ratio, 4 * ratio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.font = `${11 * ratio}px ${token("--sans")}`;
      ctx.textAlign = "left";
      ctx.fillText(chart.limit.text, bbox.left + 4 * ratio, y - 5 * ratio);
    }
    ctx.restore();
  };
}

function tooltip(chart) {
  let tip;
  return {
    hooks: {
      init: (plot) => {
        tip = document.createElement("div");
        tip.className = "plot-tip";
        tip.hidden = true;
        plot.over.append(tip);
      },
      setCursor: (plot) => {
        const { idx, left } = plot.cursor;
        tip.hidden = idx == null || left < 0;
        if (tip.hidden) return;
        const value = chart.values[idx];
        const soFar = idx === chart.values.length - 1 ? ", so far" : "";
        const time = new Date(plot.data[0][idx] * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        const day = chart.step >= 3600 ? new Date(plot.data[0][idx] * 1000).toLocaleDateString([], { day: "numeric", month: "short" }) + ", " : "";
        tip.textContent = `${day}${time}  ${value == null ? "no data" : tick(value, chart.unit)} ${chart.name}${soFar}`;
        const room = plot.over.clientWidth - tip.offsetWidth - 8;
        tip.style.left = `${Math.max(Math.min(left + 12, room), 0)}px`;
        tip.style.top = "4px";
      },
    },
  };
}

function options(element, chart) {
  const colour = token(STYLES[chart.style]);
  const axis = { stroke: token("--axis"), font: `11px ${token("--sans")}`, ticks: { show: false } };
  const limit = chart.limit ? chart.limit.value : 0;
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "page", setSeries: false }, y: false, points: { size: 6 }, drag: { x: true, y: false } },
    scales: {
      x: { time: true, range: (_, low, high) => [low, high] },
      y: { range: (_, low, high) => [0, (limit && limit <= high * 3 ? Math.max(high, limit) : high) * 1.15 || 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 24, values: (_, splits, __, ___, step) => splits.map((at) => clock(at, step)) },
      { ...axis, grid: { stroke: token("--grid"), width: 1 }, space: 34, size: 44, values: (_, splits) => splits.map((value) => tick(value, chart.unit)) },
    ],
    series: [
      {},
      { stroke: colour, width: 1.5, fill: alpha(colour, 0.1), spanGaps: false, points: { show: true, filter: lonely, size: 4, fill: colour } },
      { stroke: colour, width: 1.5, dash: [3, 3], spanGaps: false, points: { show: false } },
    ],
    hooks: { drawAxes: [paintBehind(chart)] },
    plugins: [tooltip(chart)],
  };
}

// A point between two gaps has no line: show it as a dot, or it would be invisible.
function lonely(plot, series, show, gaps) {
  const values = plot.data[series];
  const alone = (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null;
  return [...values.keys()].filter(alone);
}

function clock(seconds, step) {
  const date = new Date(seconds * 1000);
  if (step >= 86400) return date.toLocaleDateString([], { day: "numeric", month: "short" });
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

function draw(element, chart) {
  drawn.get(element)?.plot.destroy();
  element.querySelector(".plot-empty")?.remove();
  const plot = new uPlot(options(element, chart), points(chart), element);
  drawn.set(element, { chart, plot });
  if (isEmpty(chart)) {
    const why = document.createElement("p");
    why.className = "plot-empty";
    why.textContent = chart.empty;
    element.append(why);
  }
  element.setAttribute("aria-label", chart.finding);
  fillTable(element, chart);
}

function fillTable(element, chart) {
  const table = element.parentElement.querySelector(".plot-table");
  if (!table || table.hidden) return;
  const rows = chart.values.map((value, index) => {
    const row = document.createElement("tr");
    for (const text of [clock(chart.start + index * chart.step, chart.step), value === null ? "no data" : tick(value, chart.unit)]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  });
  table.querySelector("tbody").replaceChildren(...rows.reverse());
}

export function update(name, chart) {
  const element = document.querySelector(`[data-chart="${CSS.escape(name)}"]`);
  if (!element) return;
  const before = drawn.get(element);
  const same = before && before.chart.values.length === chart.values.length && !isEmpty(before.chart) && !isEmpty(chart);
  if (!same || JSON.stringify([before.chart.bands, before.chart.limit]) !== JSON.stringify([chart.bands, chart.limit])) return draw(element, chart);
  before.chart.values = chart.values;
  before.chart.start = chart.start;
  before.plot.setData(points(chart));
  element.setAttribute("aria-label", chart.finding);
  fillTable(element, chart);
}

export function drawAll(root = document) {
  for (const element of root.querySelectorAll("[data-chart]")) {
    const source = document.getElementById(`chart-${element.dataset.chart}`);
    if (source && element.clientWidth) draw(element, JSON.parse(source.textContent));
  }
}

addEventListener("themechange", () => drawn.forEach(({ chart }, element) => draw(element, chart)));
addEventListener("resize", () => drawn.forEach(({ plot }, element) => plot.setSize({ width: element.clientWidth, height: element.clientHeight })));
addEventListener("keydown", (event) => {
  if (event.key === "Escape") drawn.forEach(({ plot }) => plot.setData(plot.data, true));
});
addEventListener("click", (event) => {
  const button = event.target.closest("[data-as-table]");
  if (!button) return;
  const figure = button.closest("figure");
  const table = figure.querySelector(".plot-table");
  const element = figure.querySelector("[data-chart]");
  table.hidden = !table.hidden;
  button.setAttribute("aria-pressed", String(!table.hidden));
  element.hidden = !table.hidden;
  if (!table.hidden) fillTable(element, drawn.get(element).chart);
  else draw(element, drawn.get(element).chart);
});
drawAll();
