// Each shipped preset before what was recorded of its provider: which token is accepted with it,
// which are not, whom a rule names, and a device flow as that provider speaks it. R28, R62, R65.
//
// `lines` and `rules` are what an administrator adds to the preset; `accepted` is the kind of token
// that people present, `rejected` are the others, each with the reason.

import { recorded } from './recorded.mjs';

// The other kind of token, where the administrator asks for the wrong one.
const swapped = { access_token: 'id_token', id_token: 'access_token' };

const table = {
  google: {
    lines: ['client_id = 1234987819200.apps.googleusercontent.com',
      'audience = 1234987819200.apps.googleusercontent.com', 'client_auth = post', 'SECRET'],
    rules: ['sub=10769150350006150715113082367'],
    accepted: ['id_token'],
    rejected: { access_token: 'malformed' },
    foreign: { iss: 'https://accounts.google.com.evil.example' },
    // verification_url, no complete URI, 428 while it waits; the secret is needed.
    device: {
      reply: {
        device_code: '4/4-GMMhmHCXhWEzkobqIHGG_EnNYYsAkukHspeYUk9E8', user_code: 'GQVQ-JKEC',
        verification_url: 'https://www.google.com/device', expires_in: 1800, interval: 1,
      },
      polls: [{ status: 428, body: { error: 'authorization_pending', error_description: 'Precondition Required' } },
        'grant'],
      secret: 'post',
    },
  },
  entra: {
    lines: ['client_id = 6cb04018-a3f5-46a7-b995-940c78f5aef3',
      'audience = 6e74172b-be56-4843-9ff4-e66a39bb12e3'],
    rules: ['oid=690222be-ff1a-4d56-abd1-7e4f7d38e474'],
    accepted: ['access_token'],
    rejected: { id_token: 'type' },
    foreign: { iss: 'https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0' },
    keys: { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0', alg: undefined },
    // without profile there is no oid
    scope: 'openid profile',
    device: {
      reply: {
        user_code: 'CJVK3XKRL', device_code: 'CAQABAAEAAAAm-06blBE1TpVMil8KPQ41', interval: 1,
        verification_uri: 'https://microsoft.com/devicelogin', expires_in: 900,
        message: 'To sign in, use a web browser to open the page https://microsoft.com/devicelogin',
      },
      polls: [{ status: 400, body: { error: 'authorization_pending', error_codes: [70016] } }, 'grant'],
      claims: { oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474' },
    },
  },
  'entra-v1': {
    preset: 'entra',
    lines: ['audience = ef1da9d4-ff77-4c3e-a005-840c3f830745'],
    rules: ['oid=02223b6b-aa1d-42d4-9ec0-1b2bb9194438'],
    accepted: ['access_token'],
    rejected: { id_token: 'type' },
    foreign: { iss: 'https://sts.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/' },
    keys: { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0', alg: undefined },
  },
  okta: {
    lines: ['client_id = nmdP1fcyvdVO11AL7ECm', 'audience = api://default'],
    rules: ['uid=00ujmkLgagxeRrAg20g3', 'sub=00ujmkLgagxeRrAg20g3'],
    accepted: ['access_token'],
    rejected: { id_token: 'type' },
    foreign: { iss: 'https://example.okta.com/oauth2/another' },
    device: {
      reply: {
        device_code: '1a521d9f-0922-4e6d-8db9-8b654297435a', user_code: 'GDLMZQCT',
        verification_uri: 'https://example.okta.com/activate', expires_in: 600, interval: 1,
      },
      polls: ['pending', 'grant'],
    },
  },
  keycloak: {
    lines: ['client_id = linux-login', 'audience = ssh://%h'],
    rules: ['groups=/linux-admins', 'sub=3e2c1b0a-9d8e-4f7a-8b6c-5d4e3f2a1b0c'],
    accepted: ['access_token'],
    rejected: { id_token: 'type' },
    foreign: { iss: 'https://sso.example.org/realms/master' },
    // It asks whether a poll came too early before it asks whether the code was approved.
    device: {
      reply: {
        device_code: 'NWnFaC4a7MTcb4zBNKJG8lUqI-0VrGUXqXmSHZLtu9c', user_code: 'HHRK-NWCH',
        verification_uri: 'https://sso.example.org/realms/demorealm/device',
        verification_uri_complete: 'https://sso.example.org/realms/demorealm/device?user_code=HHRK-NWCH',
        expires_in: 600, interval: 1,
      },
      polls: ['pending', 'pending', 'grant'],
      strict: true,
    },
  },
  auth0: {
    lines: ['client_id = my_client_id', 'audience = https://example.com/health-api'],
    rules: ['sub=auth0|123456'],
    accepted: ['access_token', 'access_token_rfc9068'],
    rejected: { id_token: 'type' },
    foreign: { iss: 'https://example.eu.auth0.com' },
    device: {
      reply: {
        device_code: 'GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS', user_code: 'QTZL-MCBW',
        verification_uri: 'https://example.eu.auth0.com/activate',
        verification_uri_complete: 'https://example.eu.auth0.com/activate?user_code=QTZL-MCBW',
        expires_in: 900, interval: 1,
      },
      polls: [{ status: 403, body: { error: 'authorization_pending', error_description: 'User has yet to authorize device code.' } },
        { status: 429, body: { error: 'slow_down', error_description: 'You are polling faster than the specified interval of 1 seconds.' } },
        'grant'],
    },
  },
  gitlab: {
    lines: ['client_id = 8f3a0c51e5c64d7e9f1c8d2a9a6c1f7f',
      'audience = 8f3a0c51e5c64d7e9f1c8d2a9a6c1f7f',
      // what the preset says to add, since the discovery document has no such endpoint
      'device_authorization_endpoint = https://gitlab.com/oauth/authorize_device',
      'token_endpoint = https://gitlab.com/oauth/token'],
    rules: ['sub=11'],
    accepted: ['id_token'],
    rejected: { access_token: 'malformed' },
    foreign: { iss: 'https://gitlab.com/' },
    device: {
      reply: {
        device_code: 'GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS', user_code: '0A44L90H',
        verification_uri: 'https://gitlab.com/oauth/device',
        verification_uri_complete: 'https://gitlab.com/oauth/device?user_code=0A44L90H',
        expires_in: 300, interval: 1,
      },
      polls: ['pending', 'grant'],
      endpoints: { device_authorization_endpoint: 'https://gitlab.com/oauth/authorize_device' },
    },
  },
  dex: {
    lines: ['client_id = example-app', 'audience = example-app', 'client_auth = post', 'SECRET'],
    rules: ['sub=CgcyMzQyNzQ5EgZnaXRodWI'],
    accepted: ['id_token'],
    rejected: {},
    foreign: { iss: 'https://dex.example.com' },
    // The secret is taken at the first request, 401 while it waits, JSON over many lines.
    device: {
      reply: {
        device_code: '2ga6mnvvg4wxcnhnrzkiqrbgu', user_code: 'BDNX-KHTD',
        verification_uri: 'https://dex.example.com/dex/device',
        verification_uri_complete: 'https://dex.example.com/dex/device?user_code=BDNX-KHTD',
        expires_in: 300, interval: 1,
      },
      polls: [{ status: 401, body: { error: 'authorization_pending' } }, 'grant'],
      secret: 'post',
      pretty: true,
      strict: true,
    },
  },
  'github-actions': {
    lines: ['audience = https://github.com/octo-org'],
    rules: ['repository_id=74 and environment=prod'],
    accepted: ['id_token'],
    rejected: {},
    foreign: { iss: 'https://token.actions.githubusercontent.com/avocado-corp' },
    nobody: { repository_id: '75', sub: 'repo:octo-org/octo-repo:environment:prod' },
  },
  'gitlab-ci': {
    lines: ['audience = https://vault.example.com'],
    rules: ['project_id=20 and ref_path=refs/heads/feature-branch-1'],
    accepted: ['id_token'],
    rejected: {},
    foreign: { iss: 'https://gitlab.com' },
    nobody: { ref_path: 'refs/heads/feature-branch-2' },
  },
  kubernetes: {
    lines: ['audience = thisismyaudience'],
    rules: ['kubernetes.io.namespace=default and '
      + 'kubernetes.io.serviceaccount.uid=a709ef71-30e2-489a-bd19-ade97031b9db'],
    accepted: ['id_token'],
    rejected: {},
    foreign: { iss: 'https://oidc.eks.eu-west-1.amazonaws.com/id/ANOTHER' },
    nobody: {
      'kubernetes.io': {
        namespace: 'default',
        serviceaccount: { name: 'mytestaccount', uid: '5b7a6a1e-52f8-4f3d-8d4e-7a0f0f6f2a10' },
      },
    },
  },
};

const nobodyElse = (rule) => Object.fromEntries(
  [/^([^= ]+)=/.exec(rule)[1]].map((name) => [name, name === 'groups' ? ['/staff'] : 'somebody-else']));

// The providers of the tests: what a section of the configuration and the server both need.
export const providers = Object.entries(table).map(([name, row]) => {
  const record = recorded(name);
  return {
    ...row, ...record, name, issuer: record.discovery.issuer, preset: row.preset ?? name,
  };
});

const accepted = (provider, more = '') => (
  new RegExp(`verdict=accepted provider=${provider.name} .*account=alice .*${more}`));
const refused = (reason) => new RegExp(`verdict=refused reason=${reason} `);

function tokenCases(provider) {
  const { name, claims, rules } = provider;
  const [first] = provider.accepted;
  const make = (test, token, decision, more = {}) => ({
    name: `${name}-${test}`, providers: [provider.name], methods: 'token', token, decision, ...more,
  });
  return [
    ...provider.accepted.map((kind) => make(`accepts-${kind}`, { kind },
      accepted(provider, 'method=token'))),
    ...Object.entries(provider.rejected).map(([kind, reason]) => make(`R62-no-${kind}`, {
      kind, claims: typeof claims[kind] === 'object' ? { aud: claims[first].aud } : {},
    }, refused(reason))),
    // The same token where the other kind is asked for.
    make('R62-asked-for-the-other-kind', { kind: first }, refused('type'), {
      providers: [`${name}-swapped`], swapOf: name, tokenKind: swapped[first],
    }),
    make('R28-another-issuer', { kind: first, claims: provider.foreign }, refused('issuer')),
    make('another-key', { kind: first, key: 'another' }, refused('(unknown_key|signature)')),
    make('another-audience', { kind: first, claims: { aud: 'ssh://elsewhere' } }, refused('audience')),
    make('nobody-that-a-rule-names', { kind: first, claims: provider.nobody
      ?? Object.assign({}, ...rules.map(nobodyElse)) }, refused('account')),
  ];
}

function deviceCases(provider) {
  if (!provider.device) return [];
  const { device, name } = provider;
  const page = device.reply.verification_uri ?? device.reply.verification_url;
  return [{
    name: `${name}-device-flow`,
    providers: [name],
    methods: 'device',
    decision: accepted(provider, 'method=device'),
    screen: [`Open this page in any browser:  ${page}\n`, `and enter this code:  ${device.reply.user_code}\n`],
  }];
}

export const cases = providers.flatMap((provider) => [...tokenCases(provider), ...deviceCases(provider)]);
