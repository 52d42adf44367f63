// The page of one issue: breadcrumbs filtered in place, j and k from frame to frame.
import { onKey } from "./keys.js";

// --- breadcrumbs ----------------------------------------------------------------------------------------------------
function startCrumbs(panel) {
  const filter = panel.querySelector("[data-crumb-filter]");
  const older = panel.querySelector("[data-older]");
  const footer = panel.querySelector("[data-older-switch]");
  filter.hidden = false;
  if (footer) {
    older.hidden = true;
    footer.hidden = false;
    footer.querySelector("button").addEventListener("click", () => showOlder(older, footer));
  }
  filter.addEventListener("input", () => {
    if (footer) showOlder(older, footer);
    apply(panel, new FormData(filter));
  });
  filter.addEventListener("submit", (event) => event.preventDefault());
}

function showOlder(older, footer) {
  older.hidden = false;
  footer.hidden = true;
}

function apply(panel, wanted) {
  const text = wanted.get("text").toLowerCase();
  for (const row of panel.querySelectorAll("tr[data-kind]")) {
    const fits =
      (!wanted.get("kind") || row.dataset.kind === wanted.get("kind")) &&
      (!wanted.get("level") || row.dataset.level === wanted.get("level")) &&
      (!text || row.textContent.toLowerCase().includes(text));
    row.hidden = !fits;
  }
}

document.querySelectorAll("[data-crumbs]").forEach(startCrumbs);

// --- j and k: the next frame or row ---------------------------------------------------------------------------------
function steps() {
  return [...document.querySelectorAll("[data-step]")].filter((each) => each.checkVisibility());
}

function step(direction) {
  const all = steps();
  const at = all.findIndex((each) => each.contains(document.activeElement));
  const next = all[at < 0 && direction < 0 ? all.length - 1 : Math.min(Math.max(at + direction, 0), all.length - 1)];
  const target = next?.querySelector("summary, a");
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

if (document.querySelector("[data-step]")) {
  onKey("j", "Next frame or event in the list", () => step(1));
  onKey("k", "The one before", () => step(-1));
}

// --- s: quiet for an hour -------------------------------------------------------------------------------------------
const snooze = document.querySelector("form[data-snooze]");
if (snooze) onKey("s", "Ignore for an hour", () => snooze.requestSubmit(snooze.querySelector("[name=for][value='1h']")));
