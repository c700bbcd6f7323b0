// A whole device flow as a client and a person go through it.

import { ask } from './http.mjs';
import { walkPages } from './pages.mjs';
import { CLIENTS, DEVICE_GRANT } from './settings.mjs';
import { Trouble } from './trouble.mjs';

// Basic wants both halves form-encoded first (RFC 6749, 2.3.1).
const formEncoded = (text) => new URLSearchParams({ '': text }).toString().slice(1);

function authentication({ client_id: id, client_secret: secret, token_endpoint_auth_method: method }) {
  switch (method) {
    case 'client_secret_basic': {
      const pair = `${formEncoded(id)}:${formEncoded(secret)}`;
      return { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, fields: {} };
    }
    case 'client_secret_post': return { headers: {}, fields: { client_id: id, client_secret: secret } };
    default: return { headers: {}, fields: { client_id: id } };
  }
}

async function askJson(what, url, options) {
  const { status, body } = await ask(url, options);
  if (status !== 200) throw new Trouble(what, `HTTP ${status}: ${body}`, 'clear injections if this is not meant');
  return JSON.parse(body);
}

// Resolves to the token response.
export async function deviceFlow({ ca, issuer, user, client: clientId, scope, resource }) {
  const client = CLIENTS.find(({ client_id: id }) => id === clientId);
  if (!client) {
    throw new Trouble(`client ${clientId}`, 'is unknown', `use one of ${CLIENTS.map((c) => c.client_id).join(', ')}`);
  }
  const { headers, fields } = authentication(client);
  const post = (what, url, more) => askJson(what, url, {
    ca, method: 'POST', headers, body: new URLSearchParams({ ...fields, ...more }),
  });

  const metadata = await askJson('discovery', `${issuer}/.well-known/openid-configuration`, { ca });
  const device = await post('device authorization', metadata.device_authorization_endpoint,
    { scope, ...(resource && { resource }) });
  await walkPages(ca, device.verification_uri_complete, { userCode: device.user_code, user });
  return post('token request', metadata.token_endpoint,
    { grant_type: DEVICE_GRANT, device_code: device.device_code });
}
