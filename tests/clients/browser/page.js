// An order ticket whose button fails without a catch: the SDK's global handler must see it.
import * as Sentry from "@sentry/browser";

const given = new URLSearchParams(location.hash.slice(1));

Sentry.init({
  dsn: given.get("dsn"),
  release: given.get("release"),
  environment: "staging",
});
Sentry.setExtra("password", given.get("secret"));

function buy() {
  const book = {};
  return book.bids.best;
}

document.getElementById("buy").addEventListener("click", buy);
document.body.dataset.ready = "yes";
