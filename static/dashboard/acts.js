// Forms with `data-act` act in place: the answer is a toast, with Undo where the server can take it back. Without this
// script the form is sent as any other, and the page comes back with the same words.
//
// The server answers `{"text": "Acknowledged: ...", "undo": "/path" or null, "failed": bool}` to `Accept: application/json`
// (see views/acting.py). A live page is changed by its socket, another is drawn anew with the toast. A page that changes
// itself listens to "acted", which bubbles from the form with the answer as `event.detail`, and calls preventDefault.
const TOAST_MS = 10_000;

addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-act]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  const data = new FormData(form, event.submitter); // before: a disabled button does not send what it stands for
  button.disabled = true;
  try {
    await send(event.submitter?.getAttribute("formaction") || form.action, data, form);
  } finally {
    button.disabled = false;
  }
});

async function send(address, data, place) {
  let answer;
  try {
    const response = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" }, redirect: "manual" });
    if (response.type === "opaqueredirect") return location.reload(); // logged out: the server leads to the login
    answer = await response.json();
  } catch {
    return toast({ text: "Not done: the server did not answer. Try again.", failed: true });
  }
  const isHandled = !place.dispatchEvent(new CustomEvent("acted", { bubbles: true, cancelable: true, detail: answer }));
  const isLive = document.querySelector("[data-live-root], [data-first-steps]");
  if (answer.failed || isHandled || isLive || !keepForReload(answer)) return toast(answer, place);
  location.reload(); // nothing on this page changes by itself: the server draws it anew
}

function keepForReload(answer) {
  try {
    sessionStorage.setItem("toast", JSON.stringify(answer));
    return true;
  } catch {
    return false;
  }
}

function showKept() {
  try {
    const kept = sessionStorage.getItem("toast");
    sessionStorage.removeItem("toast");
    if (kept) toast(JSON.parse(kept));
  } catch {
    // no storage: then nothing was kept
  }
}

// Show `text` for ten seconds; `undo` is an address that takes it back, `failed` stays until it is closed.
export function toast({ text, undo, failed, link }, place) {
  for (const old of document.querySelectorAll(".toast")) old.remove();
  const box = document.createElement("p");
  box.className = failed ? "toast bad" : "toast";
  box.setAttribute("role", failed ? "alert" : "status");
  const words = document.createElement("span");
  box.append(words);
  if (link) box.append(anchor(link));
  if (undo) box.append(button("Undo", () => takeBack(box, undo, place)));
  if (failed) box.append(button("Close", () => box.remove()));
  document.querySelector("main").append(box);
  words.textContent = text; // after the box is there: a live region speaks of what changes in it
  if (!failed) setTimeout(() => box.remove(), TOAST_MS);
}

function takeBack(box, address, place) {
  box.remove();
  const data = new FormData();
  data.set("csrfmiddlewaretoken", document.querySelector("input[name=csrfmiddlewaretoken]").value);
  send(address, data, place ?? document.body);
}

function button(words, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn s";
  element.textContent = words;
  element.addEventListener("click", act);
  return element;
}

function anchor({ href, words }) {
  const element = document.createElement("a");
  element.href = href;
  element.textContent = words;
  return element;
}

showKept();
