// Which of the deliveries on standard input the verifiers accept; one JSON line out.
// node webhooks.mjs CODE, where CODE is a file with the function `verify` that docs/webhooks.md shows.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';

const documented = new Function(`${readFileSync(process.argv[2], 'utf8')}; return verify;`)();

function official({ secret, headers, body }) {
  const made = secret.startsWith('whsec_');
  try {
    // A typed secret goes in as bytes: of a text, the library would take Latin-1.
    new Webhook(made ? secret : new TextEncoder().encode(secret), made ? {} : { format: 'raw' }).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

function legacy({ legacySecret, headers, body }) {
  return createHmac('sha256', legacySecret).update(body).digest('hex') === headers['X-Webhook-Signature'];
}

const found = [];
for (const delivery of JSON.parse(readFileSync(0, 'utf8'))) {
  found.push({
    official: official(delivery),
    documented: await documented(delivery.secret, delivery.headers, delivery.body),
    legacy: legacy(delivery),
  });
}
console.log(JSON.stringify(found));
