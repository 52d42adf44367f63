// Before anything else is loaded, so that the SDK can watch it: node --import ./desk_instrument.mjs desk.mjs
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: process.env.TRADEWATCH_DSN,
  release: process.env.RELEASE,
  environment: "staging",
  tracesSampleRate: 1.0,
});
