// A recorded order ticket. What the SDK hands to its transport is counted here, before it leaves.
import * as Sentry from "@sentry/browser";

const given = new URLSearchParams(location.hash.slice(1));
const sent = { segments: [], errors: [], underWay: 0 };

async function eventsIn(payload) {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const end = bytes.indexOf(10);
  const header = JSON.parse(new TextDecoder().decode(bytes.slice(0, end)));
  const body = bytes.slice(end + 1);
  const isPacked = body[0] !== 91;
  const stream = new Blob([body]).stream();
  const plain = await new Response(isPacked ? stream.pipeThrough(new DecompressionStream("deflate")) : stream).text();
  return { number: header.segment_id, events: JSON.parse(plain).length, isPacked };
}

function transport(options) {
  const inner = Sentry.makeFetchTransport(options);
  const send = async (envelope) => {
    sent.underWay += 1;
    for (const [header, payload] of envelope[1]) {
      if (header.type === "replay_recording") sent.segments.push(await eventsIn(payload));
    }
    const answer = await inner.send(envelope);
    for (const [header, payload] of envelope[1]) if (header.type === "event") sent.errors.push(payload.event_id);
    sent.underWay -= 1;
    return answer;
  };
  return { ...inner, send };
}

document.getElementById("link").href = `/terms?access_token=${given.get("secret")}`;
Sentry.init({
  dsn: given.get("dsn"),
  release: given.get("release"),
  environment: "staging",
  transport,
  integrations: [Sentry.replayIntegration({ minReplayDuration: 0, flushMinDelay: 300, flushMaxDelay: 600 })],
  replaysSessionSampleRate: Number(given.get("session")),
  replaysOnErrorSampleRate: 1.0,
});
Sentry.setUser({ id: "trader-7" });

document.getElementById("buy").addEventListener("click", () => {
  console.error("the book is empty", `access_token=${given.get("secret")}`);
  history.pushState({}, "", "/replay.html?placed=1");
  const book = {};
  return book.bids.best;
});

window.sent = sent;
window.flush = () => Sentry.getReplay().flush();
window.end = () => Sentry.getReplay().stop();
window.replayId = () => Sentry.getReplay().getReplayId();
document.body.dataset.ready = "yes";
