// The provider proper: oidc-provider with our people, clients and claims.

import Provider from 'oidc-provider';
import { CLAIMS, CLIENTS, RESOURCE_SCOPES, USERS } from './settings.mjs';

const HOUR = 3600;

const userBySub = (sub) => Object.values(USERS).find((user) => user.sub === sub);

function findAccount(ctx, sub) {
  const user = userBySub(sub);
  // acr and amr belong to the sign-in, see nameToSubject.
  return user && { accountId: sub, claims: () => ({ ...user, acr: undefined, amr: undefined }) };
}

// What a JWT access token says of the person, by scope, as RFC 9068 2.2 has
// it.  oidc-provider by itself would say nothing but the sub.
function extraTokenClaims(ctx, token) {
  const { oidc } = ctx;
  const signIn = oidc.deviceCode ?? oidc.authorizationCode ?? oidc.refreshToken;
  const known = {
    ...userBySub(token.accountId), acr: signIn?.acr, amr: signIn?.amr, auth_time: signIn?.authTime,
  };
  const names = [...token.scopes].flatMap((scope) => CLAIMS[scope] ?? []);
  return Object.fromEntries(names.map((name) => [name, known[name]]));
}

// The ready-made login page takes the login name for the subject and knows
// nothing of how strong the sign-in was.  Set both right on the way.
function nameToSubject(provider) {
  const finish = provider.interactionFinished.bind(provider);
  provider.interactionFinished = async (req, res, result, options) => {
    if (!result.login) return finish(req, res, result, options);
    const user = USERS[result.login.accountId];
    // Who is asked for more gives it: the first of acr_values.
    const { params } = await provider.interactionDetails(req, res);
    const acr = params.acr_values?.split(' ')[0] ?? user?.acr;
    const outcome = user
      ? { login: { accountId: user.sub, acr, amr: user.amr } }
      : { error: 'access_denied', error_description: 'no such user' };
    return finish(req, res, outcome, options);
  };
}

// oidc-provider takes a secret from the header and from the body alike.
// Refusing the way that was not registered is what shows a client mixing them up.
async function oneWayToAuthenticate(ctx, next) {
  await next();
  const { client, authorization, body } = ctx.oidc ?? {};
  if (ctx.status !== 200 || !client || !authorization?.clientId) return;
  let used = 'none';
  if (body.client_secret) used = 'client_secret_post';
  if (ctx.headers.authorization) used = 'client_secret_basic';
  if (used === client.clientAuthMethod) return;
  ctx.status = 401;
  ctx.body = { error: 'invalid_client', error_description: `registered for ${client.clientAuthMethod}` };
}

// The ready-made pages fetch a font from elsewhere; a browser test must not.
async function noForeignFonts(ctx, next) {
  await next();
  if (typeof ctx.body === 'string') ctx.body = ctx.body.replace(/@import url\([^)]*\);/g, '');
}

// One Provider signs with one algorithm and one set of keys.  All that are
// made in a process share their sessions and codes (the memory adapter's
// storage belongs to the module), so another one may finish what one began.
export function makeProvider({ issuer, jwks, alg, deviceTtl, tokenTtl, cookieKeys, injections }) {
  const provider = new Provider(issuer, {
    jwks,
    clients: CLIENTS.map((client) => ({ ...client, id_token_signed_response_alg: alg })),
    findAccount,
    extraTokenClaims,
    claims: CLAIMS,
    scopes: ['openid', 'offline_access'],
    conformIdTokenClaims: false,
    cookies: { keys: cookieKeys },
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // The resource named when the flow began holds for the token request.
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => ({
          scope: RESOURCE_SCOPES.join(' '),
          audience: resource,
          accessTokenTTL: tokenTtl,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg } },
        }),
      },
    },
    ttl: {
      DeviceCode: deviceTtl,
      AccessToken: tokenTtl,
      IdToken: tokenTtl,
      AuthorizationCode: 60,
      RefreshToken: 24 * HOUR,
      Interaction: HOUR,
      Session: 24 * HOUR,
      Grant: 24 * HOUR,
    },
  });

  provider.on('server_error', (ctx, error) => console.error(ctx.method, ctx.path, error));
  nameToSubject(provider);
  provider.use(injections.middleware({
    token: provider.pathFor('token'),
    deviceAuthorization: provider.pathFor('device_authorization'),
  }));
  provider.use(noForeignFonts);
  provider.use(oneWayToAuthenticate);
  return provider;
}
