// The order ticket: reads the positions and places an order while it loads; a click is answered slowly enough to be measured.
import * as Sentry from "@sentry/browser";

const given = new URLSearchParams(location.hash.slice(1));

Sentry.init({
  dsn: given.get("dsn"),
  release: given.get("release"),
  environment: "staging",
  tracesSampleRate: 1.0,
  integrations: [Sentry.browserTracingIntegration()],
});

const positions = await (await fetch("/api/reports/positions")).json();
const order = { account_id: "acc-1", symbol: "ACME", side: "buy", quantity: 2 };
const placed = await fetch("/api/orders", {
  method: "POST",
  body: JSON.stringify(order),
  headers: { "Content-Type": "application/json" },
});

// What moves text that is already read is counted as layout shift.
const notice = document.createElement("p");
notice.textContent = `Position in ACME: ${positions.ACME}. Order: ${placed.status}.`;
document.querySelector("h1").before(notice);

document.getElementById("buy").addEventListener("click", () => {
  const until = performance.now() + 60;
  while (performance.now() < until);
  document.getElementById("state").textContent = "Bought.";
});
document.body.dataset.ready = "yes";
