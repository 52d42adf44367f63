// Reports one error of a trading service with a planted password and ends once it is sent.
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: process.env.TRADEWATCH_DSN,
  release: process.env.RELEASE,
  environment: "staging",
  tracesSampleRate: 1.0,
});

class QuoteExpired extends Error {
  name = "QuoteExpired";
}

function accept(quote) {
  throw new QuoteExpired(`quote for ${quote.symbol} is too old`);
}

Sentry.setTag("venue", "XLON");
await Sentry.startSpan({ op: "task", name: "accept quote" }, async () => {
  try {
    accept({ symbol: "ACME" });
  } catch (error) {
    const sent = { extra: { quote: { symbol: "ACME" }, password: process.env.SECRET } };
    console.log(Sentry.captureException(error, sent));
  }
});
process.exitCode = (await Sentry.close(10_000)) ? 0 : 1;
