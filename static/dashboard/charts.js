// Draws every `[data-chart]` from the JSON that its id names, with uPlot. Colours come from the tokens, so a change of
// theme draws again. The charts of a page share their cursor and their zoom: drag zooms, double click, Escape or "Whole
// range" goes back. A click pins the tooltip, which leads to the counts and events of that time. `update` gives new data.
import { markersNear, paintBehind, paintMarkers } from "./chart_paint.js";
import { clock, day, local, tick } from "./words.js";

const drawn = new Map(); // plot element -> {chart, plot}
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const STYLES = { err: "--error-solid", s1: "--s1", s2: "--s2", s3: "--s3" };
let zoom = null; // [from, to] in seconds, of all charts of the page

function alpha(colour, share) {
  return colour + Math.round(share * 255).toString(16).padStart(2, "0");
}

// Two lines: what is over, and dashed the step that still runs.
function points(chart) {
  const times = chart.values.map((_, index) => chart.start + index * chart.step);
  if (!chart.is_running) return [times, chart.values, chart.values.map(() => null)];
  const last = chart.values.length - 1;
  const over = chart.values.map((value, index) => (index < last ? value : null));
  const running = chart.values.map((value, index) => (index >= last - 1 ? value : null));
  return [times, over, running];
}

const isEmpty = (chart) => chart.values.every((value) => value === null);
const whole = (chart) => [chart.start, chart.start + (chart.values.length - 1) * chart.step];

function timeWords(seconds, step) {
  const date = new Date(seconds * 1000);
  const text = step >= 3600 ? `${day(date)}, ${clock(date)}` : clock(date);
  return [`${text} UTC`, local(date)].filter(Boolean).join(" · ");
}

function valueWords(chart, index) {
  const value = chart.values[index];
  if (value == null) return chart.silence === "no data" ? `no data: ${chart.name}` : chart.silence;
  const isRunning = chart.is_running && index === chart.values.length - 1;
  return `${tick(value, chart.unit)} ${chart.name}${isRunning ? ", so far" : ""}`;
}

// The page that lists what a point was made of; null where the chart has none.
function countsOf(element, chart, index) {
  if (!element.dataset.counts) return null;
  const url = new URL(element.dataset.counts, location.href);
  const at = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16);
  url.searchParams.set("start", at(chart.start + index * chart.step));
  url.searchParams.set("end", at(chart.start + (index + 1) * chart.step));
  return url.pathname + url.search;
}

function tooltip(element) {
  let tip;
  let isPinned = false;
  const fill = (plot, index) => {
    const { chart } = drawn.get(element);
    const lines = [timeWords(chart.start + index * chart.step, chart.step), valueWords(chart, index)];
    lines.push(...markersNear(chart, index).map((marker) => marker.words || marker.label));
    tip.replaceChildren(...lines.map((text, place) => line(text, place > 1)));
    const href = countsOf(element, chart, index);
    if (href && isPinned) tip.append(link(href));
    const left = plot.valToPos(plot.data[0][index], "x");
    const room = plot.over.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(Math.min(left + 12, room), 0)}px`;
    tip.style.top = "4px";
  };
  const unpin = () => {
    isPinned = false;
    tip.classList.remove("pinned");
    tip.hidden = true;
  };
  return {
    hooks: {
      init: (plot) => {
        tip = document.createElement("div");
        tip.className = "plot-tip";
        tip.hidden = true;
        plot.over.append(tip);
        let downAt = 0;
        plot.over.addEventListener("mousedown", (event) => (downAt = event.clientX));
        plot.over.addEventListener("click", (event) => {
          if (event.target.closest("a") || Math.abs(event.clientX - downAt) > 4 || plot.cursor.idx == null) return;
          unpin();
          isPinned = true;
          tip.classList.add("pinned");
          tip.hidden = false;
          fill(plot, plot.cursor.idx);
        });
        element.addEventListener("unpin", unpin);
      },
      setCursor: (plot) => {
        if (isPinned || !drawn.has(element)) return;
        const { idx, left } = plot.cursor;
        tip.hidden = idx == null || left < 0;
        if (!tip.hidden) fill(plot, idx);
      },
    },
  };
}

function line(text, isMarker) {
  const part = document.createElement("span");
  part.textContent = text;
  part.className = isMarker ? "deploy" : "";
  return part;
}

function link(href) {
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = "Counts and events";
  return anchor;
}

function options(element, chart) {
  const colour = token(STYLES[chart.style]);
  const axis = { stroke: token("--axis"), font: `11px ${token("--sans")}`, ticks: { show: false } };
  const limit = chart.limit ? chart.limit.value : 0;
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
      y: { range: (_, low, high) => [0, (limit && limit <= high * 3 ? Math.max(high, limit) : high) * 1.15 || 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 24, values: (_, splits, __, ___, step) => splits.map((at) => axisWords(at, step)) },
      { ...axis, grid: { stroke: token("--grid"), width: 1 }, space: Math.max(34, element.clientHeight / 6), size: 44, values: (_, splits) => splits.map((value) => tick(value, chart.unit)) },
    ],
    series: [
      {},
      { stroke: colour, width: 1.5, fill: alpha(colour, 0.1), spanGaps: false, points: { show: true, filter: lonely, size: 4, fill: colour } },
      { stroke: colour, width: 1.5, dash: [3, 3], spanGaps: false, points: { show: false } },
    ],
    hooks: {
      drawAxes: [(plot) => paintBehind(plot, drawn.get(element)?.chart ?? chart, token)],
      draw: [(plot) => paintMarkers(plot, drawn.get(element)?.chart ?? chart, token)],
      setSelect: [zoomTo],
    },
    plugins: [tooltip(element)],
  };
}

// A point between two gaps has no line: show it as a dot, or it would be invisible.
function lonely(plot, series) {
  const values = plot.data[series];
  const alone = (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null;
  return [...values.keys()].filter(alone);
}

function axisWords(seconds, step) {
  const date = new Date(seconds * 1000);
  return step >= 86400 ? day(date) : clock(date);
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
    plot.setScale("x", { min, max });
  }
  for (const button of document.querySelectorAll("[data-zoom-back]")) button.hidden = !zoom;
}

// --- drawing ---------------------------------------------------------------------------------------------------------
function draw(element, chart) {
  drawn.get(element)?.plot.destroy();
  element.querySelector(".plot-empty")?.remove();
  if (!element.clientWidth) return void drawn.set(element, { chart, plot: drawn.get(element)?.plot });
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
  if (!table || table.hidden) return;
  const rows = chart.values.map((value, index) => {
    const time = axisWords(chart.start + index * chart.step, 0);
    const when = chart.step >= 900 ? `${day(new Date((chart.start + index * chart.step) * 1000))}, ${time}` : time;
    return row(countsOf(element, chart, index), when, value === null ? "no data" : tick(value, chart.unit));
  });
  table.querySelector("tbody").replaceChildren(...rows.reverse());
}

function row(href, when, value) {
  const element = document.createElement("tr");
  const [first, second] = [document.createElement("td"), document.createElement("td")];
  first.textContent = when;
  if (href) {
    const anchor = link(href);
    anchor.textContent = when;
    first.replaceChildren(anchor);
  }
  second.textContent = value;
  second.className = "r";
  element.append(first, second);
  return element;
}

export function update(name, chart) {
  const element = document.querySelector(`[data-chart="${CSS.escape(name)}"]`);
  if (!element) return;
  const before = drawn.get(element);
  const same = before?.plot && before.chart.values.length === chart.values.length && before.chart.name === chart.name;
  if (!same || isEmpty(before.chart) !== isEmpty(chart)) return draw(element, chart);
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
  for (const [element, { plot }] of drawn) plot?.setSize({ width: element.clientWidth, height: element.clientHeight });
});
addEventListener("keydown", (event) => event.key === "Escape" && goBack());
addEventListener("click", (event) => {
  if (event.target.closest("[data-zoom-back]")) goBack();
  const button = event.target.closest("[data-as-table]");
  if (!button) return;
  const figure = button.closest("figure");
  const table = figure.querySelector(".plot-table");
  const element = figure.querySelector("[data-chart]");
  table.hidden = !table.hidden;
  button.setAttribute("aria-pressed", String(!table.hidden));
  element.hidden = !table.hidden;
  const { chart } = drawn.get(element);
  if (table.hidden) draw(element, chart);
  else tell(element, chart);
});
drawAll();
