// Key sets: their order, doubles, what stands beside the good keys, the document around them.
import {b64} from '../numbers.mjs';
import {privateKeys, publicJwk} from '../sign.mjs';
import {goodKeys, keyNames} from '../workshop.mjs';
import {setOf} from './trying.mjs';

// The good keys and what `change` makes of them, with tokens of some of them. `named` and `unnamed`
// say, for the name of a key, what must become of a token with its kid and without one; undefined
// leaves that to the judges, and so does EdDSA without a kid, for which there are two keys.
const set = (change, named = () => undefined, unnamed = () => undefined) => (w) => {
    const made = change(w.shuffled(goodKeys), w);
    const wordFor = ({kid, alg}, name) => (kid ? named(name) : alg === 'EdDSA' ? undefined : unnamed(name));
    const tokens = w.shuffled(w.enabledKeys).slice(0, 3).flatMap((name) => w.someWitnesses(name).map((witness) => {
        const word = wordFor(witness, name);
        return {token: witness.token, words: word && [word]};
    }));
    return {bytes: Buffer.isBuffer(made) ? made : setOf(made), tokens};
};
const always = (word) => () => word;
const unless = (lost) => (name) => (name === lost ? 'unknown_key' : 'accepted');

const harmless = (change) => set(change, always('accepted'), always('accepted'));
const crowded = (change) => set(change, always('accepted')); // several keys fit
const nameless = (change) => set(change, always('unknown_key'), always('accepted')); // no kid fits
const refused = (change) => set(change, always('keys_unavailable'), always('keys_unavailable'));

const order = [
    ...Array(8).fill(harmless((keys) => keys)), // shuffled already
    harmless((keys) => keys.map((key) => Object.fromEntries(Object.entries(key).reverse()))),
];

const doubles = [
    ...keyNames.flatMap((name) => [
        set((keys) => [...keys, publicJwk(name)], unless(name)),
        set((keys) => [publicJwk(`${name}_other`, name), ...keys], unless(name)),
        set((keys) => keys.filter(({kid}) => kid !== name), unless(name)),
        crowded((keys) => [publicJwk(name, 'second'), ...keys]),
        crowded((keys) => [...keys, publicJwk(`${name}_other`)]),
        // one name for keys of two types
        ...keyNames.filter((other) => other !== name).slice(0, 2).map((other) =>
            set((keys) => [publicJwk(`${other}_other`, name), ...keys], unless(name))),
    ]),
    set((keys, w) => { const [a, b] = w.shuffled(keyNames); return [...keys, publicJwk(a, b)]; }),
    set((keys, w) => [w.pick(keys)]), set((keys) => keys.slice(2)),
    ...[2, 3].map((times) =>
        set((keys) => Array(times).fill(keys).flat(), always('unknown_key'), always('unknown_key'))),
    nameless((keys) => keys.map((key) => ({...key, kid: 'rsa'}))), nameless((keys) => keys.map(({kid, ...key}) => key)),
    nameless((keys) => keys.map((key) => ({...key, kid: `${key.kid} `}))),
    nameless((keys) => keys.map((key) => ({...key, kid: key.kid.toUpperCase()}))),
    nameless((keys) => keys.map(({kid, ...key}) => ({...key, KID: kid}))),
];

// ---- what nobody should notice -----------------------------------------------------------------

const rsa = publicJwk('rsa_other');
const p256 = publicJwk('p256_other');
const ed25519 = publicJwk('ed25519_other');
const noKeys = [null, 0, true, 'x', [], [publicJwk('rsa')], {}, {keys: []}, {kty: 'RSA'}, {kty: 'oct', k: 'AAAA'},
    {kty: 'EC', crv: 'P-256'}, {kty: 'OKP', crv: 'Ed25519'}, {kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA'}];
const brokenKeys = [
    ...['rsa1024', 'rsa8200', 'rsa_e3', 'rsa_roca', 'rsa_prime', 'secp256k1', 'x25519'].map((name) => publicJwk(name)),
    privateKeys.rsa_other, privateKeys.p256_other, privateKeys.ed25519_other,
    {...rsa, use: 'enc'}, {...rsa, key_ops: ['sign']}, {...rsa, alg: 'RSA-OAEP'},
    {...rsa, n: 'AQ'}, {...rsa, n: `${rsa.n}=`}, {...rsa, e: 5},
    {...p256, y: publicJwk('p256').y}, {...p256, x: b64(Buffer.alloc(32))}, {...p256, x: null},
    {...publicJwk('p384_other'), y: publicJwk('p384').y}, {...publicJwk('p521_other'), crv: 'P-256'},
    {...ed25519, x: b64(Buffer.from([1, ...Buffer.alloc(31)]))}, {...ed25519, x: b64(Buffer.alloc(31))},
    {...ed25519, x: b64(Buffer.from([2, ...Buffer.alloc(31)]))}, // on no curve
    {...publicJwk('ed448_other'), x: b64(Buffer.alloc(57))}, {...publicJwk('ed448_other'), d: ''},
];
const beside = [
    ...[...noKeys, ...brokenKeys, {...rsa, kid: 7}, {...p256, kid: ['p256']}].flatMap((broken) => [
        harmless((keys) => [broken, ...keys]), harmless((keys) => [...keys, broken]),
    ]),
    ...noKeys.map((broken) => harmless((keys) => keys.flatMap((key) => [broken, key, broken]))),
    // even under the name of a good one
    ...brokenKeys.map((broken) => harmless((keys, w) => [{...broken, kid: w.pick(keyNames)}, ...keys])),
];

// ---- many of them ------------------------------------------------------------------------------

const fillers = (count) => Array.from({length: count}, (_, i) => ({...publicJwk('p256_other', `f${i}`), alg: 'ES256'}));
const large = (name, count) => Array.from({length: count}, (_, i) => publicJwk(name, `large${i}`));

// Behind so many RSA keys that a prime modulus is not looked for before a token asks for it.
function primeInCrowd(w) {
    const keys = w.shuffled([publicJwk('rsa_prime', 'rsa'), ...large('rsa_other', 40)]);
    const tokens = w.witnesses('rsa_prime', 'rsa').filter(({kid}) => kid);
    return {bytes: setOf(keys), tokens: tokens.map(({token}) => ({token, words: ['unknown_key']}))};
}

const crowds = [
    crowded((keys) => [...fillers(94), ...keys]), crowded((keys) => [...keys, ...fillers(94)]),
    refused((keys) => [...fillers(95), ...keys]), harmless((keys) => [...keys, ...Array(94).fill(null)]),
    refused((keys) => [...keys, ...Array(95).fill(null)]), harmless((keys) => [...large('rsa8200', 90), ...keys]),
    ...[['rsa_other', 90], ['rsa4096', 20], ['rsa8192', 9]].flatMap(([name, count]) => [
        crowded((keys) => [...large(name, count), ...keys]), crowded((keys) => [...keys, ...large(name, count)]),
    ]),
    primeInCrowd, primeInCrowd,
];

// ---- the document ------------------------------------------------------------------------------

const padTo = (size) => (t) => t + ' '.repeat(size - t.length);
const withMember = (member) => (t) => t.replace('{"keys":', `{${member},"keys":`);
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
// As many names as there may be, and so many more.
const names = (more) => (t) => {
    const count = 3200 - 1 - (t.split(':').length - 1) + more;
    return withMember(`"m":{${Array.from({length: count}, (_, i) => `"m${i}":0`).join(',')}}`)(t);
};

// Texts are Latin-1: a character a byte.
const noSets = ['', ' ', 'x', 'null', '[]', '""', '1', '{}', '{"keys":null}', '{"keys":{}}', '{"keys":""}',
    '{"Keys":[]}', '{"keys":[}', '{"keys":[]', '{"keys":[]}'].map((t) => () => t);
const malformed = [
    (t) => t.slice(8, -1), (t) => t.slice(9, -2), (t) => t.slice(0, -1), (t) => `[${t}]`, (t) => `${t}x`,
    (t) => `${t}${t}`, (t) => `\xef\xbb\xbf${t}`, (t) => `${t}\0`, (t) => Buffer.from(t, 'utf16le').toString('latin1'),
    (t) => JSON.stringify(t), (t) => t.replace('{', '{"keys":[],'), (t) => t.replace(/}$/, ',"keys":[]}'),
    (t) => t.replace('"kid":', '"kid":"x","kid":'), (t) => t.replace('"e":', '"e":"Aw","\\u0065":'),
    withMember('"x":"\xff"'), withMember('"x":"\\u0000"'), withMember('"x":"\\ud800"'), withMember('"x":1e999'),
    withMember('"x":9223372036854775808'), withMember('"x":01'), withMember(`"x":${nested(16)}`),
    withMember(`"x":"${'x'.repeat(65537)}"`), names(1), padTo(512 * 1024 + 1),
];
const fine = [
    withMember(`"x":${nested(15)}`), withMember(`"x":"${'x'.repeat(65536)}"`), names(0), padTo(512 * 1024),
    (t) => t.replaceAll(',', ' ,\r\n\t'), (t) => t.replaceAll('"k', '"\\u006b'), withMember('"x":"\xf0\x9f\x98\x80"'),
    withMember('"issuer":"x","__proto__":{"keys":[]}'),
];
const spelt = (spell) => (keys) => Buffer.from(spell(JSON.stringify({keys})), 'latin1');
const documents = [...[...noSets, ...malformed].map((spell) => refused(spelt(spell))),
    ...fine.map((spell) => harmless(spelt(spell)))];

export const sets = [...order, ...doubles, ...beside, ...crowds, ...documents];
