// Keeps a live page current: figures, lists and charts change in place, and what cannot be trusted any more says so.
import { drawAll, update } from "./charts.js";
import { openLine } from "./line.js";
import { put } from "./places.js";
import { refresher } from "./refresh.js";
import { tellAges } from "./page.js";
import { toast } from "./acts.js";
import { clock, local, span } from "./words.js";

let places = findPlaces();
let figuresAt = Date.now();
const title = document.title;

function findPlaces() {
  return {
    dot: document.querySelector("[data-live-dot]"),
    banner: document.querySelector("[data-lost]"),
    root: document.querySelector("[data-live-root]"),
    steps: document.querySelector("[data-first-steps]"),
  };
}

// Pages whose socket says no more than that something changed draw themselves anew.
export const changed = places.dot.dataset.liveUrl.startsWith("/ws/topics/") ? refresher(showPage) : null;
const line = openLine(places.dot.dataset.liveUrl, {
  hear: (message) => (message.type === "snapshot" ? show(message) : message.type === "changed" && changed?.()),
  tell: tellState,
  refused: askAgain,
});

function show(message) {
  figuresAt = Date.now();
  showCritical(message.critical);
  if (places.steps) return showArrival(message);
  if (!places.root) return;
  for (const [name, html] of Object.entries(message.fragments)) put(name, html);
  for (const [name, chart] of Object.entries(message.charts)) update(name, chart);
  tellAges();
}

function showPage(page) {
  figuresAt = Date.now();
  places = findPlaces();
  showCritical(Number(page.querySelector("[data-critical]")?.textContent) || 0);
  tellAges();
  tellState();
}

function showCritical(count) {
  for (const place of document.querySelectorAll("[data-critical]")) {
    place.textContent = count;
    place.hidden = !count;
  }
  document.title = count ? `(${count}) ${title}` : title;
}

// --- first steps -----------------------------------------------------------------------------------------------------
function showArrival(message) {
  const { steps } = places;
  if (!message.is_connected) return;
  const isDashboard = location.pathname.endsWith("/error-dashboard.html");
  if (isDashboard && steps.dataset.connected === "no") return showFirstEvent(message.latest);
  const { latest } = message;
  const key = latest ? latest.at : "";
  if (key === steps.dataset.seen && steps.dataset.connected === "yes") return;
  steps.dataset.seen = key;
  steps.dataset.connected = "yes";
  const place = steps.querySelector("[data-arrival]");
  const head = document.createElement("b");
  head.className = "arrived";
  head.textContent = latest ? "It arrived" : "Data arrives";
  const about = document.createElement("p");
  if (latest) about.append(anchor(latest.href, latest.title), ` at ${clock(new Date(), true)} UTC`);
  else about.textContent = "No error is among it: requests or sessions are.";
  place.replaceChildren(head, about);
}

function anchor(href, words) {
  const element = document.createElement("a");
  element.href = href;
  element.textContent = words;
  return element;
}

// The page of first steps turns into the dashboard: the server draws it, nothing is reloaded.
async function showFirstEvent(latest) {
  places.steps.dataset.connected = "turning";
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("[data-live-root]")) return void (places.steps.dataset.connected = "no");
  for (const part of ["main", "header.top"]) document.querySelector(part).replaceWith(page.querySelector(part));
  places = findPlaces();
  drawAll();
  tellState();
  if (latest) toast({ text: `First event: ${latest.title}`, link: { href: latest.href, words: "Open" } });
}

// --- whether it can be trusted ---------------------------------------------------------------------------------------
const WORDS = { live: "Live", stale: "Stale", lost: "Connection lost" };

function tellState() {
  if (!line) return;
  const { dot, banner } = places;
  const state = line.state();
  const silent = span((Date.now() - line.heardAt) / 1000);
  const next = line.retryAt > Date.now() ? `trying again in ${span((line.retryAt - Date.now()) / 1000 + 1)}` : "trying again now";
  dot.classList.toggle("stale", state === "stale");
  dot.classList.toggle("lost", state === "lost");
  document.documentElement.classList.toggle("is-lost", state === "lost");
  document.querySelector("main").classList.toggle("is-stale", state !== "live");
  const of = new Date(figuresAt);
  dot.title = `Figures of ${clock(of, true)} UTC ${local(of)}`.trim() + (line.retryAt ? `, ${next}` : "");
  say(dot.querySelector("[data-live-words]"), WORDS[state]); // read out when it changes; the seconds beside it are not
  say(dot.querySelector("[data-live-age]"), { live: "", stale: `, ${silent}`, lost: `, ${next}` }[state]);
  if (!banner) return;
  banner.hidden = state !== "lost";
  say(banner.querySelector("[data-lost-at]"), `${clock(of, true)} UTC`);
  say(banner.querySelector("[data-lost-age]"), span((Date.now() - figuresAt) / 1000));
  say(banner.querySelector("[data-lost-next]"), `${next[0].toUpperCase()}${next.slice(1)}.`);
}

function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

// Logged out, or no longer theirs: the server says which. Not again and again, should it refuse the socket alone.
function askAgain() {
  const key = "refused-at";
  try {
    const before = Number(sessionStorage.getItem(key));
    sessionStorage.setItem(key, String(Date.now()));
    if (Date.now() - before < 10_000) return;
  } catch {
    // no storage: reload
  }
  location.reload();
}

addEventListener("click", (event) => event.target.closest("[data-lost-retry]") && line.retry());
if (document.querySelector("[data-clock]")) import("./wall.js");
