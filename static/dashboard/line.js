// A socket that comes back by itself, and knows how long it has heard nothing: after a restart of the server, a change of
// network, or the sleep of a laptop.
const STALE_SECONDS = 12; // the server speaks every 5 s
const CLOSED_STALE_SECONDS = 3;
const LOST_SECONDS = 60;
const HALF_OPEN_SECONDS = 20; // open but silent: the network under it has gone
const SLEPT_SECONDS = 30; // no tick for so long: the machine slept, and the socket is no use
const LONGEST_WAIT_MS = 20_000;
export const NOT_ALLOWED = 4403;

// `hear(message)` gets what the server says, `tell()` runs each second and at each change, `refused()` when the server
// closed it because the user may not see this (any more).
export function openLine(address, { hear, tell, refused }) {
  const line = { heardAt: Date.now(), retryAt: 0, retry: connect, state };
  let socket;
  let attempt = 0;
  let openedAt = 0;
  let timer;
  let tickedAt = Date.now();

  function connect() {
    clearTimeout(timer);
    line.retryAt = 0;
    if (socket) socket.onclose = socket.onmessage = null; // one that hangs may take minutes to close: leave it alone
    socket?.close();
    openedAt = Date.now();
    const url = new URL(address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.onmessage = (event) => {
      attempt = 0;
      line.heardAt = Date.now();
      hear(JSON.parse(event.data));
      tell();
    };
    socket.onclose = (event) => (event.code === NOT_ALLOWED ? refused() : wait());
  }

  // Twice as long each time, and at random: a server that comes back is not met by everybody at once.
  function wait() {
    const ms = Math.min(1000 * 2 ** attempt++, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
    line.retryAt = Date.now() + ms;
    timer = setTimeout(connect, ms);
    tell();
  }

  function state() {
    const silent = (Date.now() - line.heardAt) / 1000;
    if (silent >= LOST_SECONDS) return "lost";
    return silent >= (line.retryAt ? CLOSED_STALE_SECONDS : STALE_SECONDS) ? "stale" : "live";
  }

  function look() {
    const slept = (Date.now() - tickedAt) / 1000 > SLEPT_SECONDS;
    tickedAt = Date.now();
    const silent = (Date.now() - Math.max(line.heardAt, openedAt)) / 1000;
    if (!line.retryAt && (slept || silent > HALF_OPEN_SECONDS)) connect();
    tell();
  }

  function comeBack() {
    if (document.visibilityState === "visible" && socket.readyState > WebSocket.OPEN) connect();
  }

  addEventListener("online", comeBack);
  document.addEventListener("visibilitychange", comeBack);
  setInterval(look, 1000);
  connect();
  return line;
}
