// Puts fresh HTML of the server into `[data-live]` places, without taking a row from under a pointer or the focus from a
// button. Rows (`data-row`) that stay get their new figures at once; a new order waits behind one line.
const held = new Map(); // place -> HTML that waits until pointer and focus have left
const acted = new Map(); // place -> when somebody pressed a button in it
const OWN_MS = 5000; // what changes so soon after that is what they asked for: it does not wait

export function put(name, html) {
  const place = placeOf(name);
  if (!place || place.dataset.html === html) return;
  const fresh = parse(html);
  const isOwn = Date.now() - (acted.get(name) ?? 0) < OWN_MS;
  const isBusy = !isOwn && (place.matches(":hover") || place.contains(document.activeElement));
  if (isBusy && String(rowsOf(place)) !== String(rowsOf(fresh))) hold(name, place, html, fresh);
  else replace(name, place, html, fresh);
}

const placeOf = (name) => document.querySelector(`[data-live="${CSS.escape(name)}"]`);
const rowsOf = (node) => [...node.querySelectorAll("[data-row]")].map((row) => row.dataset.row);
const barOf = (place) => place.closest(".panel")?.querySelector(":scope > header > .newbar");

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  giveTokens(template.content);
  return template.content;
}

// What comes over the socket is the same for all watchers, so its forms carry nobody's token: they get this page's.
function giveTokens(content) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token) for (const form of content.querySelectorAll("form[method=post]")) form.prepend(token.cloneNode());
}

function replace(name, place, html, fresh) {
  held.delete(name);
  keepingFocus(place, () => keepingFolds(place, () => place.replaceChildren(fresh)));
  place.dataset.html = html;
  barOf(place)?.remove();
}

// What the reader opened or closed stays so, where it has an id to be known by.
function keepingFolds(place, change) {
  const folds = () => [...place.querySelectorAll("details[id]")];
  const before = new Map(folds().map((fold) => [fold.id, fold.open]));
  change();
  for (const fold of folds()) fold.open = before.get(fold.id) ?? fold.open;
}

// Whoever goes through a list with the keyboard stays on their button, although the server drew it anew.
function keepingFocus(place, change) {
  const at = document.activeElement;
  const row = place.contains(at) && at.closest("[data-row]")?.dataset.row;
  const scope = () => (row ? place.querySelector(`[data-row="${CSS.escape(row)}"]`) : place);
  const stops = () => [...(scope()?.querySelectorAll("a[href], button, summary") ?? [])];
  const index = place.contains(at) ? stops().indexOf(at) : -1;
  change();
  if (index >= 0) stops()[index]?.focus({ preventScroll: true });
}

function hold(name, place, html, content) {
  const known = new Set(rowsOf(place));
  const fresh = rowsOf(content).filter((row) => !known.has(row)).length;
  keepingFocus(place, () => {
    for (const row of content.querySelectorAll("[data-row]")) {
      const old = place.querySelector(`[data-row="${CSS.escape(row.dataset.row)}"]`);
      if (old) old.replaceChildren(...row.childNodes);
    }
  });
  if (!held.has(name)) {
    place.addEventListener("pointerleave", () => release(name), { once: true });
    place.addEventListener("focusout", () => setTimeout(() => place.contains(document.activeElement) || release(name)), { once: true });
  }
  held.set(name, html);
  (barOf(place) ?? addBar(name, place)).textContent = fresh ? `${fresh} new, show` : "Order changed, show";
}

// In the header, above the list: nothing moves by it.
function addBar(name, place) {
  const bar = document.createElement("button");
  bar.type = "button";
  bar.className = "newbar";
  bar.addEventListener("click", () => release(name));
  place.closest(".panel").querySelector(":scope > header").append(bar);
  return bar;
}

function release(name) {
  const html = held.get(name);
  const place = placeOf(name);
  if (html !== undefined && place) replace(name, place, html, parse(html));
}

addEventListener("submit", (event) => {
  const place = event.target.closest("[data-live]");
  if (place) acted.set(place.dataset.live, Date.now());
});
