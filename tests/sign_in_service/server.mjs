// The sign-in service of the tests: a certified OpenID Connect provider without a screen of its own.
//
// The people whom it knows, and what each of them shows it (amr, acr), come as JSON on its command line. It
// listens on loopback, on a port that it chooses, and prints its address. Who it is, is asked by one field.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { people, client } = JSON.parse(process.argv[2]);
const server = createServer();
await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
const issuer = `http://127.0.0.1:${server.address().port}`;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

const provider = new Provider(issuer, {
  clients: [client],
  jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'tests' }] },
  cookies: { keys: ['of the tests'] },
  claims: { openid: ['sub', 'amr', 'acr', 'auth_time'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_context, asked) => `/who/${asked.uid}` },
  findAccount: (_context, name) => people[name] && {
    accountId: name,
    claims: () => ({ sub: name, email: people[name].email, email_verified: people[name].verified }),
  },
  async loadExistingGrant({ oidc }) { // nobody is asked whether Red Bag may know their address
    const grant = new provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
    grant.addOIDCScope('openid email');
    await grant.save();
    return grant;
  },
});

const FORM = `<!doctype html><html lang="en"><title>Sign-in service</title><h1>Who are you?</h1>
<form><label>Name <input name="name"></label> <button>Go on</button></form></html>`;

async function who(request, response) {
  await provider.interactionDetails(request, response);
  const name = new URL(request.url, issuer).searchParams.get('name');
  if (name === null) {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(FORM);
    return;
  }
  const person = people[name];
  const result = person
    ? { login: { accountId: name, amr: person.amr, acr: person.acr } }
    : { error: 'access_denied', error_description: 'Nobody of this name' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
server.on('request', (request, response) => {
  if (request.url.startsWith('/who/')) {
    who(request, response).catch(() => { response.statusCode = 400; response.end(); });
  } else {
    answer(request, response);
  }
});
console.log(issuer);
