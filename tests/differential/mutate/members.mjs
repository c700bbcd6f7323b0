// The members of a JWK: there or not, of every type, meant for something else.
import {issuer} from '../profiles.mjs';
import {privateKeys, publicJwk} from '../sign.mjs';
import {keyNames} from '../workshop.mjs';
import {junk} from './header.mjs';
import {changed, trying} from './trying.mjs';

const every = ''; // family of all keys

// This member with each of these values.
const each = (family, name, values, word = 'unknown_key') =>
    values.map((value) => changed(family, () => ({[name]: value}), word));
const without = (family, names, word = 'unknown_key') => names.flatMap((name) => each(family, name, [undefined], word));

const names = ['kty', 'crv', 'n', 'e', 'x', 'y', 'kid', 'use', 'key_ops', 'alg', 'd', 'p', 'k', 'oth', 'x5c', 'x5u',
    'ext', 'x5t', 'Use', 'KTY', '__proto__', 'toString'];
const values = [...junk, 'sig', 'enc', 'verify', ['verify'], ['sign'], ['sign', 'verify'], 'RSA', 'EC', 'OKP', 'oct',
    'P-256', 'P-384', 'P-521', 'secp256k1', 'Ed25519', 'Ed448', 'X25519', 'AQAB', 'Aw', 'AA', 'rsa', 'p256', 'RS256',
    'ES256', 'EdDSA', 'HS256'];
const someMembers = (count) => changed(every, (jwk, w) => Object.fromEntries(Array.from({length: count}, () =>
    [w.pick(w.percent(60) ? Object.keys(jwk) : names), w.percent(15) ? undefined : w.pick(values)])), 'anything');

// A key that names one of its algorithms.
function pinned(w) {
    const name = w.pick(w.enabledKeys);
    const {alg} = w.pick(w.witnesses(name));
    const {bytes} = trying(w, {...publicJwk(name), alg}, {name});
    const tokens = w.witnesses(name).filter(({kid}) => kid).map((witness) =>
        ({token: witness.token, words: [witness.alg === alg ? 'accepted' : 'unknown_key']}));
    return {bytes, tokens};
}

const purposes = [
    ...each(every, 'use', ['sig'], 'accepted'),
    ...each(every, 'use', ['enc', 'SIG', 'sig ', '', null, 0, true, ['sig'], {}]),
    ...each(every, 'key_ops', [['verify'], ['sign', 'verify', null]], 'accepted'),
    ...each(every, 'key_ops', [[], ['sign'], ['Verify'], [['verify']], 'verify', null, true, {verify: true},
        {0: 'verify'}]),
    ...Array(6).fill(pinned),
    ...each(every, 'alg', ['RS257', 'none', 'HS256', 'RSA-OAEP', 'ECDH-ES', '', null, 0, true, ['RS256'], {}]),
    ...each('rsa', 'alg', ['ES256', 'EdDSA']), ...each('p', 'alg', ['RS256', 'Ed448']),
    ...each('p256', 'alg', ['ES384']),
    ...each('ed25519', 'alg', ['Ed448']), ...each('ed448', 'alg', ['Ed25519']),
];

const types = [
    ...without('rsa', ['kty', 'n', 'e']), ...without('p', ['kty', 'crv', 'x', 'y']),
    ...without('ed', ['kty', 'crv', 'x']),
    ...each('rsa', 'kty', ['rsa', 'RSA-PSS', 'EC', 'OKP', 'oct', 'AKP', '', null]),
    ...each('p', 'crv', ['p-256', 'P256', 'secp256r1', 'secp256k1', 'P-224', '', null, ['P-256'], 'Ed25519']),
    ...each('ed', 'crv', ['X25519', 'X448', 'ed25519', 'P-256', '', null, ['Ed25519']]),
    ...each('p256', 'crv', ['P-384']), ...each('p521', 'crv', ['P-256']), ...each('ed25519', 'crv', ['Ed448']),
];

const kids = [
    ...each(every, 'kid', [0, null, true, ['rsa'], {}, 'x'.repeat(257)]),
    ...each(every, 'kid', ['', 'x', 'x'.repeat(256), 'RSA', 'rsa\u0000', undefined, undefined], 'anything'),
];

// Which tenant's it is (Entra ID): a signature alone is of no tenant.
const tenants = [
    ...each(every, 'issuer', [issuer, 'https://elsewhere.example/staff', 'https://x/{tenantid}/v2.0',
        'x//x/staff/v2.0'], 'accepted'),
    ...each(every, 'issuer', [issuer.toUpperCase(), 'https://sso.example.org/guests', 'https://sso.example.org/',
        'https://sso.example.org//staff', 'staff', '{tenantid}', '', null, 0, [issuer], {}],
    {signature: 'accepted', access: 'unknown_key'}),
];

const published = [
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].flatMap((name) => each(every, name, [null, '', 'AQAB', 0])),
    ...keyNames.flatMap((name) => each(name, 'd', [privateKeys[name].d])),
];

const ignored = [
    ...without(every, ['use', 'key_ops', 'x5c', 'x5u', 'x5t', 'ext', 'iat', 'x5t#S256'], 'accepted'),
    ...['x5c', 'x5u', 'x5t', 'ext', 'revoked', 'Use'].flatMap((name) =>
        each(every, name, [null, 'x', []], 'accepted')),
];

export const members = [
    ...Array(30).fill(someMembers(1)), ...Array(20).fill(someMembers(2)),
    ...purposes, ...types, ...kids, ...tenants, ...published, ...ignored,
];
