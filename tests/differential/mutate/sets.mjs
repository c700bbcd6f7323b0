// Key sets: their order, doubles, what stands beside the good keys, the document around them.
import {b64} from '../numbers.mjs';
import {privateKeys, publicJwk} from '../sign.mjs';
import {goodKeys, keyNames} from '../workshop.mjs';
import {setOf} from './keys.mjs';

// The good keys and what `change` makes of them; the tokens of some of them, of which those with a
// kid must become `named` (a word, or a function of the key's name), those without `unnamed`.
const set = (change, named, unnamed) => (w) => {
    const made = change(w.shuffled(goodKeys), w);
    const bytes = Buffer.isBuffer(made) ? made : setOf(made);
    return {bytes, tokens: w.shuffled(w.enabledKeys).slice(0,
        3).flatMap((name) => w.someWitnesses(name).map(({token, kid, alg}) => {
        const word = kid ? named : alg === 'EdDSA' ? undefined : unnamed;
        return {token, words: word === undefined ? undefined : [typeof word === 'function' ? word(name) : word]};
    }))};
};
const text = (spell, word) => set((keys) => Buffer.from(spell(JSON.stringify({keys})), 'latin1'), word, word);

// Nobody should notice any of these.
const brokenKeys = [
    null, 0, true, 'x', [], [publicJwk('rsa')], {}, {kty: 'RSA'}, {kty: 'EC', crv: 'P-256'},
    {kty: 'OKP', crv: 'Ed25519'}, {keys: []},
    {kty: 'oct', k: 'AAAA'}, {kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA'}, publicJwk('secp256k1'), publicJwk('x25519'),
    privateKeys.rsa_other, privateKeys.p256_other, privateKeys.ed25519_other, publicJwk('rsa1024'),
    publicJwk('rsa8200'),
    publicJwk('rsa_e3'), publicJwk('rsa_roca'), publicJwk('rsa_prime'), {...publicJwk('rsa_other'), use: 'enc'},
    {...publicJwk('rsa_other'), key_ops: ['sign']}, {...publicJwk('rsa_other'), alg: 'RSA-OAEP'},
    {...publicJwk('rsa_other'), n: 'AQ'},
    {...publicJwk('rsa_other'), n: `${privateKeys.rsa_other.n}=`}, {...publicJwk('rsa_other'), e: 5},
    {...publicJwk('rsa_other'), kid: 7},
    {...publicJwk('p256_other'), y: publicJwk('p256').y}, {...publicJwk('p256_other'), x: b64(Buffer.alloc(32))},
    {...publicJwk('p384_other'), y: publicJwk('p384').y}, {...publicJwk('p521_other'), crv: 'P-256'},
    {...publicJwk('p256_other'), kid: ['p256']}, {...publicJwk('p256_other'), x: null},
    {...publicJwk('ed25519_other'), x: b64(Buffer.from([1, ...Buffer.alloc(31)]))},
    {...publicJwk('ed25519_other'), x: b64(Buffer.alloc(31))},
    {...publicJwk('ed448_other'), x: b64(Buffer.alloc(57))}, {...publicJwk('ed448_other'), d: ''},
];
const beside = brokenKeys.flatMap((broken) => [
    set((keys) => [broken, ...keys], 'accepted', 'accepted'),
    set((keys) => [...keys, broken], 'accepted', 'accepted'),
    // even under the name of a good one
    set((keys, w) => (broken?.kty && typeof broken.kid !== 'number' && !Array.isArray(broken.kid) ?
        [{...broken, kid: w.pick(keyNames)}, ...keys] : [broken, broken, ...keys]), 'accepted', 'accepted'),
]);

const fillers = (count) => Array.from({length: count}, (_, i) => ({...publicJwk('p256_other', `f${i}`), alg: 'ES256'}));
const large = (name, count) => Array.from({length: count}, (_, i) => publicJwk(name, `large${i}`));

const order = [
    ...Array(4).fill(set((keys) => keys, 'accepted', 'accepted')),
    set((keys) => keys.reverse(), 'accepted', 'accepted'),
    set((keys) => keys.map((key) => Object.fromEntries(Object.entries(key).reverse())), 'accepted', 'accepted'),
];
const doubles = [
    ...keyNames.flatMap((name) => [
        set((keys) => [...keys, publicJwk(name)], (own) => (own === name ? 'unknown_key' : 'accepted')),
        set((keys) => [publicJwk(name, 'second'), ...keys], 'accepted'),
        set((keys) => [publicJwk(`${name}_other`, name), ...keys],
            (own) => (own === name ? 'unknown_key' : 'accepted')),
        set((keys) => [...keys, publicJwk(`${name}_other`)], 'accepted'),
        ...keyNames.filter((other) => other !== name).slice(0, 2).map((other) => // one name for keys of two types
            set((keys) => [publicJwk(`${other}_other`, name), ...keys],
                (own) => (own === name ? 'unknown_key' : 'accepted'))),
        set((keys) => keys.filter(({kid}) => kid !== name), (own) => (own === name ? 'unknown_key' : 'accepted')),
    ]),
    set((keys, w) => { const [a, b] = w.shuffled(keyNames); return [...keys, publicJwk(a, b)]; }),
    set((keys) => keys.map((key) => ({...key, kid: 'rsa'})), 'unknown_key', 'accepted'),
    set((keys) => keys.map(({kid, ...key}) => key), 'unknown_key', 'accepted'),
    set((keys) => [...keys, ...keys], 'unknown_key', 'unknown_key'),
    set((keys) => [...keys, ...keys, ...keys], 'unknown_key', 'unknown_key'),
    set((keys) => keys.map((key) => ({...key, kid: `${key.kid} `})), 'unknown_key', 'accepted'),
    set((keys) => keys.map((key) => ({...key, kid: key.kid.toUpperCase()})), 'unknown_key', 'accepted'),
    set((keys, w) => [w.pick(keys)]), set((keys, w) => w.shuffled(keys).slice(2)),
    set((keys) => keys.map(({kid, ...key}) => ({...key, KID: kid})), 'unknown_key', 'accepted'),
];
const crowds = [
    set((keys) => [...fillers(94), ...keys], 'accepted'), set((keys) => [...keys, ...fillers(94)], 'accepted'),
    set((keys) => [...fillers(95), ...keys], 'keys_unavailable', 'keys_unavailable'),
    set((keys) => [...keys, ...Array(94).fill(null)], 'accepted', 'accepted'),
    set((keys) => [...keys, ...Array(95).fill(null)], 'keys_unavailable', 'keys_unavailable'),
    set((keys) => [...large('rsa_other', 90), ...keys], 'accepted'),
    set((keys) => [...large('rsa4096', 20), ...keys], 'accepted'),
    set((keys) => [...keys, ...large('rsa4096', 20)], 'accepted'),
    set((keys) => [...large('rsa8192', 9), ...keys], 'accepted'),
    set((keys) => [...keys, ...large('rsa8192', 9)], 'accepted'),
    set((keys) => [...large('rsa8200', 90), ...keys], 'accepted', 'accepted'),
];

const none = 'keys_unavailable';
const padTo = (size) => (t) => t + ' '.repeat(size - t.length);
const withMember = (member) => (t) => t.replace('{"keys":', `{${member},"keys":`);
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const many = (count) => `"m":{${Array.from({length: count}, (_, i) => `"m${i}":0`).join(',')}}`;
const namesIn = (t) => t.split(':').length - 1;
const documents = [
    ...['', ' ', 'x', 'null', '[]', '""', '1', '{}', '{"keys":null}', '{"keys":{}}', '{"keys":""}', '{"Keys":[]}',
        '{"keys":[}', '{"keys":[]',
        '{"keys":[]}'].map((t) => text(() => t, none)),
    text((t) => t.slice(8, -1), none), text((t) => t.slice(9, -2), none), text((t) => `[${t}]`, none),
    text((t) => t.slice(0, -1), none),
    text((t) => `${t}x`, none), text((t) => `${t}${t}`, none), text((t) => `\xef\xbb\xbf${t}`, none),
    text((t) => `${t}\0`, none),
    text((t) => Buffer.from(t, 'utf16le').toString('latin1'), none), text((t) => JSON.stringify(t), none),
    text((t) => t.replace('{', '{"keys":[],'), none), text((t) => t.replace(/}$/, ',"keys":[]}'), none),
    text((t) => t.replace('"kid":', '"kid":"x","kid":'), none),
    text((t) => t.replace('"e":', '"e":"Aw","\\u0065":'), none),
    text(withMember('"x":"\xff"'), none), text(withMember('"x":"\\u0000"'), none),
    text(withMember('"x":"\\ud800"'), none),
    text(withMember('"x":1e999'), none), text(withMember('"x":9223372036854775808'), none),
    text(withMember('"x":01'), none),
    text(withMember(`"x":${nested(15)}`), 'accepted'), text(withMember(`"x":${nested(16)}`), none),
    text(withMember(`"x":"${'x'.repeat(65536)}"`), 'accepted'), text(withMember(`"x":"${'x'.repeat(65537)}"`), none),
    text((t) => withMember(many(3199 - namesIn(t)))(t), 'accepted'),
    text((t) => withMember(many(3200 - namesIn(t)))(t), none),
    text(padTo(512 * 1024), 'accepted'), text(padTo(512 * 1024 + 1), none),
    text((t) => t.replaceAll(',', ' ,\r\n\t'), 'accepted'), text((t) => t.replaceAll('"k', '"\\u006b'), 'accepted'),
    text(withMember('"issuer":"x","__proto__":{"keys":[]}'), 'accepted'),
    text(withMember('"x":"\xf0\x9f\x98\x80"'), 'accepted'),
];

export const sets = [...order, ...order, ...doubles, ...beside, ...crowds, ...documents];
