// Who and what the test provider knows: people, clients, scopes.  Shared by
// the provider, which serves them, and by ctl, which signs in as them.

// Anybody logs in by the login name, with any password.  acr and amr differ
// from person to person so that requirements on them can be met and missed.
export const USERS = {
  alice: {
    sub: '248289761001',
    preferred_username: 'alice',
    email: 'alice@example.org',
    email_verified: true,
    groups: ['Linux Users', 'ops'],
    acr: 'phr',
    amr: ['hwk', 'pin'],
  },
  bob: {
    sub: '90125',
    preferred_username: 'bob',
    email: 'bob@example.org',
    email_verified: true,
    groups: ['Linux Users'],
    acr: 'pwd',
    amr: ['pwd'],
  },
  // Claims alice's address without having proved it, as a provider that lets
  // people set their own address would allow.
  mallory: {
    sub: '666',
    preferred_username: 'mallory',
    email: 'alice@example.org',
    email_verified: false,
    acr: 'pwd',
    amr: ['pwd'],
  },
};

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

// Every character class that form-encoding before Basic (RFC 6749, 2.3.1)
// changes: a client that forgets it is refused.
const AWKWARD_SECRET = 's3cr3t+/ %&:=';

export const CLIENTS = [
  {
    client_id: 'linux-login',
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    grant_types: [DEVICE_GRANT, 'authorization_code', 'refresh_token'],
    response_types: ['code'],
    // A loopback address matches with any port (RFC 8252, 7.3).
    redirect_uris: ['http://127.0.0.1/', 'http://127.0.0.1/callback'],
  },
  {
    client_id: 'linux-basic',
    client_secret: AWKWARD_SECRET,
    token_endpoint_auth_method: 'client_secret_basic',
    application_type: 'native',
    grant_types: [DEVICE_GRANT],
    response_types: [],
    redirect_uris: [],
  },
  {
    client_id: 'linux-post',
    client_secret: AWKWARD_SECRET,
    token_endpoint_auth_method: 'client_secret_post',
    application_type: 'native',
    grant_types: [DEVICE_GRANT],
    response_types: [],
    redirect_uris: [],
  },
];

// Which claims a scope brings, in ID tokens and in JWT access tokens alike.
export const CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['preferred_username'],
  email: ['email', 'email_verified'],
  groups: ['groups'],
};

// `login` and `sudo` belong to no OpenID claim: plain OAuth scopes to require.
export const RESOURCE_SCOPES = [...Object.keys(CLAIMS), 'login', 'sudo'];

export const DEFAULTS = {
  client: 'linux-login',
  scope: 'openid profile email groups login',
  resource: 'ssh://testhost',
  deviceTtl: 600,
  tokenTtl: 600,
};

export { DEVICE_GRANT };
