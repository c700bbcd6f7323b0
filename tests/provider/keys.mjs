// Signing keys: made once, kept in a file, signed with.

import {
  constants, createPrivateKey, generateKeyPair, randomBytes, sign,
} from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { merged } from './merge.mjs';
import { DEFAULTS } from './settings.mjs';

export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

const KEY_TYPES = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};

// The members of a JWK that must never be published (RFC 7518, 6).
const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi']);

async function makeKey(alg) {
  const { privateKey } = await promisify(generateKeyPair)(...KEY_TYPES[alg]);
  const kid = `${alg}-${randomBytes(6).toString('hex')}`;
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

export const makeKeys = async () => ({ keys: await Promise.all(ALGORITHMS.map(makeKey)) });

export async function loadKeys(file) {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const jwks = await makeKeys();
  saveKeys(file, jwks);
  return jwks;
}

// Renamed into place: a start that is killed leaves no half file behind.
export function saveKeys(file, jwks) {
  writeFileSync(`${file}.new`, JSON.stringify(jwks, null, 1), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const publicKeys = ({ keys }) => ({
  keys: keys.map((jwk) => Object.fromEntries(
    Object.entries(jwk).filter(([member]) => !PRIVATE_MEMBERS.has(member)))),
});

function signature(jwk, data) {
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  switch (jwk.alg) {
    case 'RS256': return sign('sha256', data, key);
    case 'PS256': return sign('sha256', data, {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });
    case 'ES256': return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    case 'EdDSA': return sign(null, data, key);
    default: throw new Error(`key algorithm ${jwk.alg} is unknown`);
  }
}

// An object is laid over the defaults, null removes a member; a string is
// taken as it is, so that anything at all can be given a good signature.
const part = (defaults, given = {}) => (
  typeof given === 'string' ? given : JSON.stringify(merged(defaults, given)));

// A compact JWS, as odd as the test wants it.  `header` is not checked
// against the key: { key: 'RS256', header: { alg: 'HS256' } } is for a test
// of algorithm confusion.
export async function mint({ key = 'RS256', header, payload }, { keys }, issuer) {
  let jwk = keys.find(({ alg }) => alg === key);
  if (key === 'unknown') jwk = await makeKey(ALGORITHMS.includes(header?.alg) ? header.alg : 'RS256');
  if (!jwk) throw new Error(`key is '${key}'; use one of ${ALGORITHMS.join(', ')}, unknown`);

  const now = Math.floor(Date.now() / 1000);
  const input = [
    part({ alg: jwk.alg, typ: 'at+jwt', kid: jwk.kid }, header),
    part({ iss: issuer, iat: now, exp: now + 300, aud: DEFAULTS.client }, payload),
  ].map((text) => Buffer.from(text).toString('base64url')).join('.');
  return `${input}.${signature(jwk, Buffer.from(input)).toString('base64url')}`;
}
