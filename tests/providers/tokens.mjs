// Keys and tokens of the tests' own: nobody has a provider's.

import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

export function makeKey(kid) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid };
}

export const publicPart = ({ kty, n, e, kid }) => ({ kty, n, e, kid });

const encode = (text) => Buffer.from(text).toString('base64url');

// `header` is the text of the header, whatever its white space; only its kid is the key's own.
export function signed(key, header, claims) {
  const named = header.replace(/("kid" ?: ?)"[^"]*"/, `$1${JSON.stringify(key.kid)}`);
  const input = `${encode(named)}.${encode(JSON.stringify(claims))}`;
  const signature = sign('sha256', Buffer.from(input), createPrivateKey({ key, format: 'jwk' }));
  return `${input}.${signature.toString('base64url')}`;
}

// OpenID Connect Core 3.1.3.6, for RS256.
export const atHash = (accessToken) => createHash('sha256').update(accessToken).digest()
  .subarray(0, 16).toString('base64url');

// A recording is of another day: the same claims as if they were made `age` seconds ago.
export function renewed(claims, age = 30) {
  const shift = Math.floor(Date.now() / 1000) - age - claims.iat;
  const dates = ['iat', 'nbf', 'exp', 'auth_time', 'updated_at'];
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => (
    [name, dates.includes(name) && typeof value === 'number' ? value + shift : value])));
}

// A test's name as that of a PAM service and of a provider's section.
export const serviceOf = (name) => name.toLowerCase().replaceAll('_', '-');
