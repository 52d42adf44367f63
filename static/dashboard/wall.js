// The wall: a clock, a screen that stays on, and Escape back to the page that can be pressed.
import { clock, local } from "./words.js";

const place = document.querySelector("[data-clock]");

function tellTime() {
  const now = new Date();
  place.querySelector("time").textContent = clock(now, true);
  place.querySelector("time").dateTime = now.toISOString();
  place.querySelector("small").textContent = ["UTC", local(now)].filter(Boolean).join(" · ");
}

async function stayAwake() {
  try {
    if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
  } catch {
    // refused (battery, policy): the screen's own settings hold
  }
}

document.addEventListener("visibilitychange", stayAwake); // the lock ends when the page is hidden
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const url = new URL(location.href);
  url.searchParams.delete("wall");
  location.href = url;
});
setInterval(tellTime, 1000);
tellTime();
stayAwake();
