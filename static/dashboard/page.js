// What every page does: menus that close, ages that grow, copying, the "/" key. Charts and live updates are modules of
// their own, loaded where the page has them.
import "./acts.js";
import { onKey } from "./keys.js";
import { local, span } from "./words.js";

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.picker[open]")) if (menu !== except) menu.open = false;
}

addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.picker"));
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.picker[open]");
    closeMenus();
    open?.querySelector("summary").focus();
  }
});

onKey("/", "Search", () => {
  const field = document.querySelector("input[type=search]");
  if (field) field.focus();
  else document.querySelector("a[data-search]")?.click();
});

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.matches("ol") ? [...source.children].map((line) => line.textContent).join("\n") : source.textContent;
  const before = button.dataset.label || button.textContent.trim();
  button.dataset.label = before;
  try {
    await navigator.clipboard.writeText(text);
    button.lastChild.textContent = " Copied";
  } catch {
    getSelection().selectAllChildren(source); // not over https: select it instead
    button.lastChild.textContent = " Selected";
  }
  setTimeout(() => (button.lastChild.textContent = " " + before), 2000);
}

export function tellAges() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = span((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== text) time.textContent = text;
  }
}

// Times are UTC; the reader's own stands in the title.
function tellLocal() {
  for (const time of document.querySelectorAll("time[title]:not([data-local])")) {
    const own = local(new Date(time.dateTime));
    time.dataset.local = own;
    if (own) time.title += ` (${own})`;
  }
}

function tellTimes() {
  tellAges();
  tellLocal();
}

tellLocal();
setInterval(tellTimes, 1000);
setTimeout(() => document.querySelectorAll("[data-fades]").forEach((toast) => toast.remove()), 10000);
if (document.querySelector("[data-chart]")) import("./charts.js");
if (document.querySelector("[data-tabs]")) import("./tabs.js");
if (document.querySelector("[data-live-url]")) import("./live.js");
