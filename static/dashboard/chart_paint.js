// What charts show besides their lines: gaps, when an alert fired, the limit, and what may explain a change.
import { isEmpty, linesOf } from "./chart_words.js";

const MARKER_WIDTH = 90; // pixels that a flag and its words take

// The markers of a step, and in a chart of few markers the last one before it: which release a point belongs to.
export function markersNear(chart, index) {
  const [from, to] = [chart.start + index * chart.step, chart.start + (index + 1) * chart.step];
  const markers = chart.markers ?? [];
  const within = markers.filter((marker) => marker.at_epoch >= from && marker.at_epoch < to);
  if (within.length) return within;
  const before = markers.filter((marker) => marker.at_epoch < from).at(-1);
  return before ? [{ ...before, words: `after ${before.label}` }] : [];
}

// What was wrong in a step: each band is [start, end, words, link].
export function bandsAt(chart, index) {
  const [from, to] = [chart.start + index * chart.step, chart.start + (index + 1) * chart.step];
  const touching = chart.bands.filter(([start, end]) => start < to && end > from);
  return touching.slice(-3).map(([, , words, link]) => ({ words, link, kind: "fired" }));
}

// Runs of steps in which no line has data, as [from, to] in seconds: two steps at least, since one may just be quiet.
export function gapsOf(chart) {
  const gaps = [];
  let from = null;
  chart.values.forEach((_, index) => {
    const isSilent = linesOf(chart).every((line) => line.values[index] === null);
    if (isSilent && from === null) from = index;
    if (!isSilent && from !== null) {
      if (index - from >= 2) gaps.push([from, index - 1]);
      from = null;
    }
  });
  const last = chart.values.length - 1;
  if (from !== null && last - from >= 2) gaps.push([from, last]);
  return gaps.map(([first, end]) => [chart.start + first * chart.step, chart.start + end * chart.step]);
}

function alpha(colour, share) {
  return colour + Math.round(share * 255).toString(16).padStart(2, "0");
}

function clamped(plot, start, end) {
  const { left, width } = plot.bbox;
  const from = Math.max(plot.valToPos(start, "x", true), left);
  return [from, Math.min(plot.valToPos(end, "x", true), left + width)];
}

export function paintBehind(plot, chart, token) {
  const { ctx } = plot;
  ctx.save();
  if (!isEmpty(chart)) paintGaps(plot, chart, token);
  paintBands(plot, chart, token);
  paintLimit(plot, chart, token);
  ctx.restore();
}

function paintGaps(plot, chart, token) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.font = `${11 * ratio}px ${token("--sans")}`;
  ctx.textAlign = "center";
  for (const [start, end] of gapsOf(chart)) {
    const [left, right] = clamped(plot, start, end);
    if (right <= left) continue;
    ctx.fillStyle = token("--hover");
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    if (ctx.measureText(chart.silence).width + 12 * ratio > right - left) continue;
    ctx.fillStyle = token("--axis");
    ctx.fillText(chart.silence, (left + right) / 2, silenceAt(plot, chart, ratio));
  }
}

// Near the top, but under the limit where its words stand there.
function silenceAt(plot, chart, ratio) {
  const usual = plot.bbox.top + 16 * ratio;
  if (!chart.limit || chart.limit.value > plot.scales.y.max) return usual;
  const limit = plot.valToPos(chart.limit.value, "y", true);
  return Math.abs(limit - 5 * ratio - usual) < 14 * ratio ? limit + 16 * ratio : usual;
}

function paintBands(plot, chart, token) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  let shadedTo = -Infinity; // bands that overlap are shaded once, or the darkest would be the busiest
  for (const [start, end] of chart.bands) {
    const [left, right] = clamped(plot, Math.max(start, shadedTo), end);
    if (right <= left) continue;
    shadedTo = Math.max(shadedTo, end);
    ctx.fillStyle = alpha(token("--critical-solid"), 0.06);
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = token("--critical-solid");
    ctx.fillRect(left, bbox.top + bbox.height - 3 * ratio, right - left, 3 * ratio);
  }
}

function paintLimit(plot, chart, token) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  if (!chart.limit || chart.limit.value > plot.scales.y.max) return;
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

function isOfRunningStep(plot, chart, marker) {
  const last = chart.start + (chart.values.length - 1) * chart.step;
  return plot.scales.x.max >= last && marker.at_epoch >= last && marker.at_epoch < last + chart.step;
}

// Violet dashed verticals with a flag, full for a deployment, hollow and dotted where a release was first seen. A label
// is left out where that of a newer one stands.
export function paintMarkers(plot, chart, token) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = token("--deploy");
  ctx.lineWidth = ratio;
  ctx.font = `${11 * ratio}px ${token("--sans")}`;
  let free = Infinity; // up to where the next label has room
  for (const marker of [...(chart.markers ?? [])].reverse()) {
    const right = bbox.left + bbox.width;
    let x = plot.valToPos(marker.at_epoch, "x", true);
    if (x > right && isOfRunningStep(plot, chart, marker)) x = right; // the axis ends where the running step begins
    if (x < bbox.left || x > right) continue;
    const isRight = x + MARKER_WIDTH * ratio > bbox.left + bbox.width;
    const way = isRight ? -1 : 1;
    const isDeployment = marker.kind === "deployment";
    ctx.setLineDash((isDeployment ? [3, 3] : [1, 3]).map((length) => length * ratio));
    ctx.beginPath();
    ctx.moveTo(x, 4 * ratio);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x, 2 * ratio);
    ctx.lineTo(x + way * 7 * ratio, 6 * ratio);
    ctx.lineTo(x, 10 * ratio);
    ctx.closePath();
    ctx.setLineDash([]);
    if (isDeployment) ctx.fill();
    else ctx.stroke();
    const width = ctx.measureText(marker.label).width + 14 * ratio;
    const [from, to] = isRight ? [x - width, x] : [x, x + width];
    if (to > free) continue;
    ctx.textAlign = isRight ? "right" : "left";
    ctx.fillText(marker.label, x + way * 11 * ratio, 10 * ratio);
    free = from - 4 * ratio;
  }
  ctx.restore();
}
