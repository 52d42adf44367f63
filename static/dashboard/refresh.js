// Draws a page anew from its own address when the server says that something on it changed: `[data-live]` places and
// charts in place, all of it only where others came or went. What the reader zoomed, opened or points at stays.
import { drawAll, update } from "./charts.js";
import { put } from "./places.js";

const LEAST_MS = 2000;
const IDLE_MS = 30_000; // without news the window still moves on
const REST = 4; // times as long as a drawing took, before the next

// `drawn(page)` runs after each time, with the document that came.
export function refresher(drawn) {
  let timer;
  let nextAt = 0;
  let isUnderWay = false;
  let isWanted = false;

  async function run() {
    if (document.hidden) return; // whoever comes back asks again
    isUnderWay = true;
    isWanted = false;
    const began = Date.now();
    try {
      const page = await load();
      if (page) drawn(page);
    } catch {
      // not reached: the line beside says since when
    }
    isUnderWay = false;
    nextAt = Date.now() + Math.max(LEAST_MS, REST * (Date.now() - began));
    plan(isWanted ? nextAt : Date.now() + IDLE_MS);
  }

  function plan(at) {
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, at - Date.now()));
  }

  function changed() {
    if (isUnderWay) isWanted = true;
    else plan(nextAt);
  }

  document.addEventListener("visibilitychange", () => document.hidden || changed());
  plan(Date.now() + IDLE_MS);
  return changed;
}

// The page as it is now, drawn; null where the server would not show it.
async function load() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (String(shapeOf(page)) === String(shapeOf(document))) drawParts(page);
  else if (!isWriting()) drawWhole(page);
  return page;
}

const placesIn = (page) => [...page.querySelectorAll("main [data-live]")];
const chartsIn = (page) => [...page.querySelectorAll("main [data-chart]")];
const shapeOf = (page) => [...placesIn(page).map((place) => place.dataset.live), ...chartsIn(page).map((chart) => chart.dataset.chart)];
const isWriting = () => Boolean(document.activeElement?.closest("main")?.querySelector(":is(input, textarea, select):focus"));

function drawParts(page) {
  for (const place of placesIn(page)) put(place.dataset.live, place.innerHTML);
  for (const { dataset } of chartsIn(page)) {
    const source = page.getElementById(`chart-${dataset.chart}`);
    if (source) update(dataset.chart, JSON.parse(source.textContent));
  }
}

function drawWhole(page) {
  document.querySelector("main").replaceWith(page.querySelector("main"));
  drawAll();
}
