// Draws every `[data-chart]` from the JSON that its id names, with uPlot. Colours come from the tokens, so a change of
// theme draws again. The charts of a page share their cursor and their zoom: drag zooms, double click, Escape or "Whole
// range" goes back, "Load this time" puts the zoomed time into the address. `update` gives new data.
import { paintBehind, paintMarkers } from "./chart_paint.js";
import { tooltip } from "./chart_tip.js";
import { axisWords, fillTable, isEmpty, linesOf, timeWords, withRange } from "./chart_words.js";
import { tick } from "./words.js";

const drawn = new Map(); // plot element -> {chart, plot}
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const STYLES = { err: "--error-solid", s1: "--s1", s2: "--s2", s3: "--s3", s4: "--s4", s5: "--s5" };
let zoom = null; // [from, to] in seconds, of all charts of the page

function alpha(colour, share) {
  return colour + Math.round(share * 255).toString(16).padStart(2, "0");
}

// Two rows for each line: what is over, and dashed the step that still runs.
function points(chart) {
  const times = chart.values.map((_, index) => chart.start + index * chart.step);
  return [times, ...linesOf(chart).flatMap((line) => overAndRunning(line.values, chart.is_running))];
}

function overAndRunning(values, isRunning) {
  if (!isRunning) return [values, values.map(() => null)];
  const last = values.length - 1;
  const over = values.map((value, index) => (index < last ? value : null));
  return [over, values.map((value, index) => (index >= last - 1 ? value : null))];
}

const whole = (chart) => [chart.start, chart.start + (chart.values.length - 1) * chart.step];

function options(element, chart) {
  const axis = { stroke: token("--axis"), font: `11px ${token("--sans")}`, ticks: { show: false } };
  const chartOf = () => drawn.get(element)?.chart ?? chart;
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [14, 24, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    cursor: {
      sync: { key: "page", setSeries: false },
      y: false,
      points: { size: 6 },
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => (goBack(), null) },
    },
    scales: {
      x: { time: true, range: (_, low, high) => [low, high] },
      y: { range: (_, low, high) => heights(chartOf(), low, high) },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 24, values: (_, splits, __, ___, step) => splits.map((at) => axisWords(at, step)) },
      { ...axis, grid: { stroke: token("--grid"), width: 1 }, space: Math.max(34, element.clientHeight / 6), size: sizeOfTicks, values: (_, splits) => splits.map((value) => tick(value, chart.unit)) },
    ],
    series: [{}, ...linesOf(chart).flatMap((line) => series(line, !chart.more?.length && !chart.floor))],
    hooks: {
      drawAxes: [(plot) => paintBehind(plot, chartOf(), token)],
      draw: [(plot) => paintMarkers(plot, chartOf(), token)],
      setSelect: [zoomTo],
    },
    plugins: [tooltip(element, () => drawn.get(element)?.chart, goBack)],
  };
}

function series(line, isFilled) {
  const colour = token(STYLES[line.style]);
  const dots = { show: true, filter: lonely, size: 4, fill: colour };
  return [
    { stroke: colour, width: 1.5, dash: line.is_dashed ? [4, 4] : undefined, fill: isFilled ? alpha(colour, 0.1) : undefined, spanGaps: false, points: dots },
    { stroke: colour, width: 1.5, dash: [3, 3], spanGaps: false, points: { show: false } },
  ];
}

// From zero, or from the floor that the chart names, unless a value lies below; the limit stays in sight while it is near.
function heights(chart, low, high) {
  const limit = chart.limit?.value ?? 0;
  const top = limit && limit <= high * 3 ? Math.max(high, limit) : high;
  const base = low < (chart.floor ?? 0) ? low - (low < 0 ? Math.abs(low) * 0.15 : 0) : (chart.floor ?? 0);
  if (chart.ceiling != null && top <= chart.ceiling) return [base, chart.ceiling + (chart.ceiling - base) * 0.06]; // room for a line at the very top
  return [base, base + (top - base) * 1.15 || base + 1];
}

// As wide as its longest tick: "1,200 ms" needs more room than "0%".
function sizeOfTicks(plot, ticks) {
  const longest = Math.max(...(ticks ?? [""]).map((text) => text.length));
  return Math.max(36, Math.min(12 + longest * 6.5, 76));
}

// A point between two gaps has no line: show it as a dot, or it would be invisible.
function lonely(plot, series) {
  const values = plot.data[series];
  const alone = (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null;
  return [...values.keys()].filter(alone);
}

// --- zoom, of all charts together ------------------------------------------------------------------------------------
let isZooming = false; // the shared cursor selects in every chart: the first to tell speaks for all

function zoomTo(plot) {
  const { left, width } = plot.select;
  if (width < 5) return;
  const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  if (isZooming) return;
  isZooming = true;
  setTimeout(() => (isZooming = false));
  zoom = [from, to];
  setTimeout(applyZoom); // once all have told: a chart that has zoomed already would read its selection wrongly
}

function goBack() {
  for (const element of drawn.keys()) element.dispatchEvent(new Event("unpin"));
  if (!zoom) return;
  zoom = null;
  applyZoom();
}

function applyZoom() {
  for (const { plot, chart } of drawn.values()) {
    const [min, max] = zoom ?? whole(chart);
    plot?.setScale("x", { min, max });
  }
  for (const place of document.querySelectorAll("[data-zoom], [data-zoom-back]")) place.hidden = !zoom;
  if (zoom) tellZoom();
}

// The zoomed time in whole minutes, at least one: in words, and as the address that loads just this time.
function tellZoom() {
  const from = Math.floor(zoom[0] / 60) * 60;
  const to = Math.max(Math.ceil(zoom[1] / 60) * 60, from + 60);
  const step = to - from > 86400 ? 3600 : 0;
  const words = `${timeWords(from, step).split(" UTC")[0]} to ${timeWords(to, step).split(" UTC")[0]} UTC`;
  for (const place of document.querySelectorAll("[data-zoom-words]")) place.textContent = words;
  for (const link of document.querySelectorAll("[data-zoom-link]")) link.href = withRange(location.href, from, to);
}

// --- drawing ---------------------------------------------------------------------------------------------------------
function draw(element, chart) {
  drawn.get(element)?.plot?.destroy();
  element.querySelector(".plot-empty")?.remove();
  if (!element.clientWidth) return void drawn.set(element, { chart, plot: null });
  drawn.set(element, { chart, plot: null });
  const plot = new uPlot(options(element, chart), points(chart), element);
  drawn.set(element, { chart, plot });
  if (isEmpty(chart)) {
    const why = document.createElement("p");
    why.className = "plot-empty";
    why.textContent = chart.empty;
    element.append(why);
  }
  if (zoom) plot.setScale("x", { min: zoom[0], max: zoom[1] });
  tell(element, chart);
}

function tell(element, chart) {
  element.setAttribute("aria-label", chart.finding);
  const table = element.parentElement.querySelector(".plot-table");
  if (table && !table.hidden) fillTable(table, element, chart);
}

function isOfSameShape(one, other) {
  const names = (chart) => linesOf(chart).map((line) => line.name).join("\n");
  return one.values.length === other.values.length && names(one) === names(other) && isEmpty(one) === isEmpty(other);
}

export function update(name, chart) {
  const element = document.querySelector(`[data-chart="${CSS.escape(name)}"]`);
  if (!element) return;
  const before = drawn.get(element);
  if (!before?.plot || !isOfSameShape(before.chart, chart)) return draw(element, chart);
  before.chart = chart;
  before.plot.batch(() => {
    before.plot.setData(points(chart), false);
    const [min, max] = zoom ?? whole(chart);
    before.plot.setScale("x", { min, max });
  });
  tell(element, chart);
}

export function drawAll(root = document) {
  for (const element of [...drawn.keys()]) if (!element.isConnected) drawn.delete(element);
  for (const element of root.querySelectorAll("[data-chart]")) {
    const source = document.getElementById(`chart-${element.dataset.chart}`);
    if (source) draw(element, JSON.parse(source.textContent));
  }
}

function redraw() {
  for (const [element, { chart }] of drawn) draw(element, chart);
}

addEventListener("themechange", redraw);
addEventListener("resize", () => {
  for (const [element, { plot, chart }] of drawn) {
    if (plot && element.clientWidth) plot.setSize({ width: element.clientWidth, height: element.clientHeight });
    else if (!plot) draw(element, chart); // it was in a closed part of the page
  }
});
addEventListener("keydown", (event) => event.key === "Escape" && goBack());
addEventListener("toggle", (event) => event.target.open && redrawHidden(event.target), true);
addEventListener("click", (event) => {
  if (event.target.closest("[data-zoom-back]")) goBack();
  const button = event.target.closest("[data-as-table]");
  if (button) showAsTable(button);
});

function redrawHidden(part) {
  for (const [element, { plot, chart }] of drawn) if (!plot && part.contains(element)) draw(element, chart);
}

function showAsTable(button) {
  const figure = button.closest("figure");
  const table = figure.querySelector(".plot-table");
  const element = figure.querySelector("[data-chart]");
  table.hidden = !table.hidden;
  button.setAttribute("aria-pressed", String(!table.hidden));
  element.hidden = !table.hidden;
  const { chart } = drawn.get(element);
  if (table.hidden) draw(element, chart);
  else tell(element, chart);
}

drawAll();
