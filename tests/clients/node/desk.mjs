// The trading desk's web server: serves the order ticket, and passes its orders on to the trading service.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import * as Sentry from "@sentry/node";

const here = fileURLToPath(new URL(".", import.meta.url));
const pages = join(here, "..", "browser");
const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html", ".png": "image/png" };

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://desk").pathname);
  if (path === "/") return sendTicket(response);
  if (path.startsWith("/api/")) return passOn(request, response, path.slice("/api".length));
  const folder = path.startsWith("/node_modules/") ? here : pages;
  createReadStream(join(folder, path))
    .on("error", () => response.writeHead(404).end())
    .once("open", () => response.writeHead(200, { "Content-Type": types[extname(path)] ?? "text/plain" }))
    .pipe(response);
});

function sendTicket(response) {
  response.writeHead(200, { "Content-Type": "text/html" });
  createReadStream(join(pages, "ticket.html"), "utf8")
    .on("data", (html) => response.write(html.replace("<!-- trace -->", Sentry.getTraceMetaTags())))
    .on("end", () => response.end());
}

async function passOn(request, response, path) {
  let body = "";
  for await (const part of request) body += part;
  const headers = { "Content-Type": "application/json" };
  const options = request.method === "POST" ? { method: "POST", body, headers } : {};
  const answer = await fetch(process.env.TRADING_URL + path, options);
  response.writeHead(answer.status, headers).end(await answer.text());
}

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on("end", async () => {
  server.closeAllConnections();
  process.exit((await Sentry.close(10_000)) ? 0 : 1);
});
