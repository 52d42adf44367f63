// Keeps a live page current: figures, lists and charts change in place, and what cannot be trusted any more says so.
import { tellAges } from "./page.js";
import { drawAll, update } from "./charts.js";
import { span } from "./words.js";

const STALE_SECONDS = 12;
const LOST_SECONDS = 60;
const NOT_ALLOWED = 4403;

let { dot, banner, root } = findPlaces();
let socket;
let attempt = 0;
let retryAt = 0;
let retry;
let heardAt = Date.now();
let figuresAt = Date.now();
const held = new Map(); // place -> HTML that waits until the pointer has left

function findPlaces() {
  return {
    dot: document.querySelector("[data-live-dot]"),
    banner: document.querySelector("[data-lost]"),
    root: document.querySelector("[data-live-root]"),
  };
}

function connect() {
  retryAt = 0;
  clearTimeout(retry);
  const url = new URL(dot.dataset.liveUrl, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => {
    if (event.code === NOT_ALLOWED) return location.reload(); // logged out, or no longer theirs: the server says which
    const wait = Math.min(1000 * 2 ** attempt++, 15000) * (0.75 + Math.random() / 2);
    retryAt = Date.now() + wait;
    retry = setTimeout(connect, wait);
  });
}

function hear(message) {
  attempt = 0;
  heardAt = Date.now();
  if (message.type === "snapshot") show(message);
  tellState();
}

function show(message) {
  figuresAt = Date.now();
  for (const place of document.querySelectorAll("[data-critical]")) {
    place.textContent = message.critical;
    place.hidden = !message.critical;
  }
  if (!root) return message.is_connected && showFirstEvent();
  for (const [name, html] of Object.entries(message.fragments)) put(name, html);
  for (const [name, chart] of Object.entries(message.charts)) update(name, chart);
  tellAges();
}

// The page of first steps turns into the dashboard: the server draws it, nothing is reloaded.
async function showFirstEvent() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("[data-live-root]")) return;
  for (const part of ["main", "header.top"]) document.querySelector(part).replaceWith(page.querySelector(part));
  ({ dot, banner, root } = findPlaces());
  drawAll();
}

function put(name, html) {
  const place = document.querySelector(`[data-live="${CSS.escape(name)}"]`);
  if (!place || place.dataset.html === html) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  giveTokens(fresh.content);
  const busy = place.matches(":hover") || place.contains(document.activeElement);
  if (busy && moves(place, fresh.content)) return hold(name, place, html, fresh.content);
  held.delete(name);
  place.replaceChildren(fresh.content);
  place.dataset.html = html;
}

const rowsOf = (node) => [...node.querySelectorAll("[data-row]")].map((row) => row.dataset.row);

function moves(place, content) {
  return String(rowsOf(place)) !== String(rowsOf(content));
}

// Rows never move under a pointer: those that stay get their new figures, the rest waits behind one line.
function hold(name, place, html, content) {
  const known = new Set(rowsOf(place));
  for (const row of content.querySelectorAll("[data-row]")) {
    const old = place.querySelector(`[data-row="${CSS.escape(row.dataset.row)}"]`);
    if (old) old.replaceChildren(...row.childNodes);
  }
  const fresh = rowsOf(content).filter((row) => !known.has(row)).length;
  held.set(name, html);
  let bar = place.querySelector(".newbar");
  if (!bar) {
    bar = document.createElement("button");
    bar.type = "button";
    bar.className = "newbar";
    bar.addEventListener("click", () => release(name));
    place.addEventListener("pointerleave", () => release(name), { once: true });
    place.append(bar);
  }
  bar.textContent = fresh ? `${fresh} new, show` : "Order changed, show";
}

function release(name) {
  const html = held.get(name);
  if (html === undefined) return;
  held.delete(name);
  const place = document.querySelector(`[data-live="${CSS.escape(name)}"]`);
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  giveTokens(fresh.content);
  place.replaceChildren(fresh.content);
  place.dataset.html = html;
}

// What comes over the socket is the same for all watchers, so its forms carry nobody's token: they get this page's.
function giveTokens(content) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  for (const form of content.querySelectorAll("form[method=post]")) form.prepend(token.cloneNode());
}

function tellState() {
  const silent = (Date.now() - heardAt) / 1000;
  const isLost = silent >= LOST_SECONDS || (retryAt > 0 && silent >= STALE_SECONDS);
  const isStale = !isLost && silent >= STALE_SECONDS;
  dot.classList.toggle("stale", isStale);
  dot.classList.toggle("lost", isLost);
  document.querySelector("main").classList.toggle("is-stale", isStale || isLost);
  const next = retryAt > Date.now() ? `Trying again in ${span((retryAt - Date.now()) / 1000)}.` : "Trying again now.";
  dot.title = isLost ? next : `Figures of ${new Date(figuresAt).toLocaleTimeString([], { hour12: false })}`;
  say(isLost ? "Connection lost" : isStale ? `Stale, ${span(silent)}` : "Live");
  if (!banner) return;
  banner.hidden = !isLost;
  banner.querySelector("[data-lost-at]").textContent = `${new Date(figuresAt).toLocaleTimeString([], { hour12: false })}, ${span((Date.now() - figuresAt) / 1000)} old`;
  banner.querySelector("[data-lost-next]").textContent = next;
}

function say(text) {
  if (dot.textContent !== text) dot.textContent = text;
}

addEventListener("click", (event) => {
  if (event.target.closest("[data-lost-retry]") && socket.readyState === WebSocket.CLOSED) connect();
});
setInterval(tellState, 1000);
connect();
