// Members of the protected header: each that anybody knows, with every kind of value, signed with
// the right key. Also which key they name, and for what.
import {goodKeys} from '../workshop.mjs';
import {algorithms, publicJwk} from '../sign.mjs';

// Values that belong nowhere.
export const junk = [null, true, false, 0, -1, 1.5, 1800000000, '', 'x', 'JWT', 'none', [], {}, ['x'], [null], {a: [1]},
    '\u202e', '\u001b[2J', '\u0000', '\ud800', 'x'.repeat(300), 'x'.repeat(9000), 'constructor', '__proto__'];

const ignored = ['jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'url', 'nonce', 'iss', 'sub', 'aud', 'epk', 'apu', 'p2c', 'iv',
    'tag', 'cti', 'x', 'Alg', 'ALG', 'KID', 'toString', 'constructor', '__proto__'];
const refused = ['crit', 'b64', 'jwk', 'zip', 'enc'];

// A header with other members; `words` as in claims.mjs.
const card = (change, words) => (w) => {
    const draft = w.draft();
    const word = words?.constructor === Object ? words[w.profile.kind] ?? words.others : words;
    return {token: w.token(draft, {header: change(draft.header, w, draft)}),
        words: word && w.implied(draft, ...[word].flat())};
};
const member = (name, byWord) => Object.entries(byWord).flatMap(([word, values]) => values.map((value) =>
    card((header) => ({...header, [name]: value}), word)));
const typ = (words, values) => values.map((value) => card((header) => ({...header, typ: value}), words));

const anyMember = card((header, w) => ({...header,
    [w.pick([...ignored, ...refused, 'kid', 'typ', 'cty', 'alg'])]: w.pick([...junk, header, goodKeys[0]])}));

const extensions = [
    ...refused.flatMap((name) => member(name, {header: [null, true, false, 'x', []]})),
    ...member('crit', {header: [['b64'], ['exp'], ['']]}),
    card((header) => ({...header, b64: true, crit: ['b64']}), 'header'),
    card((header) => ({...header, b64: false, crit: ['b64']}), 'header'),
    card((header, w, {key}) => ({...header, jwk: publicJwk(key)}), 'header'),
    ...member('cty', {
        header: ['JWT', 'jwt', 'application/jwt', 'at+jwt', 'JwT', null, 5, ['JWT'], {}],
        accepted: ['', 'json', 'text/plain', 'JWTx', 'JWS'],
    }),
    ...ignored.flatMap((name) => member(name, {accepted: ['x']})),
];

// ---- alg ---------------------------------------------------------------------------------------

// A name that this key does not go with: RFC 8725 3.1. The signature is still good.
const otherFamily = card((header, w, draft) => {
    const others = algorithms.filter((other) => other.key !== draft.key && other.alg !== 'EdDSA' && w.enables(other));
    return {...header, kid: draft.key, alg: w.pick(others).alg};
}, 'unknown_key');

// One that it does go with, and that the signature is not of.
function sameFamily(w) {
    const ofRsa = algorithms.filter((other) => other.key === 'rsa');
    const draft = w.draft(w.pick(ofRsa));
    const {alg} = w.pick(ofRsa.filter((other) => other.alg !== draft.alg && w.enables(other)));
    return {token: w.token(draft, {header: {...draft.header, alg}}), words: ['signature']};
}

// One that it goes with, and that the signature is of.
function resigned(w) {
    const draft = w.draft();
    const other = w.pick(algorithms.filter(({key}) => key === draft.key));
    const header = {...draft.header, alg: other.alg, kid: draft.key};
    return {token: w.token(draft, {header, alg: other.alg}), words: w.enables(other) ? ['accepted'] : undefined};
}

const algs = [
    ...member('alg', {
        alg: ['none', 'None', 'NONE', 'nOnE', '', ' RS256', 'RS256 ', 'rs256', 'RS-256', 'RS1', 'RS257', 'HS256',
            'HS384', 'HS512', 'ES256K', 'ESP256', 'ES521', 'eddsa', 'EDDSA', 'ed25519', 'Ed25519ph', 'A128KW', 'dir',
            'RSA-OAEP', 'ML-DSA-44', 'RS256,none', 'constructor', '__proto__', undefined, null, true, 0, 256, [],
            ['RS256'], {}, {alg: 'RS256'}],
        malformed: ['RS256\u0000'],
    }),
    otherFamily, otherFamily, sameFamily, sameFamily, resigned, resigned,
];

// ---- kid and typ -------------------------------------------------------------------------------

const otherKid = card((header, w, draft) =>
    ({...header, kid: w.pick(goodKeys.filter(({kid}) => kid !== draft.key)).kid}), ['unknown_key', 'signature']);
const kids = [
    otherKid, otherKid, card(({kid, ...header}) => header),
    ...member('kid', {
        unknown_key: ['', 'x', 'RSA', 'rsa ', ' rsa', 'rsa\n', '../../../etc/passwd', '\u001b[2J', '=cnNh', '*',
            'x'.repeat(256), '\u00e9'.repeat(128)],
        header: ['x'.repeat(257), '\u00e9'.repeat(129), 'x'.repeat(2500), null, 0, true, ['rsa'], {}],
        malformed: ['rsa\u0000'],
    }),
];

const typs = [
    ...typ('type', [null, 0, true, ['at+jwt'], {}, '']),
    ...typ({signature: 'accepted', others: 'type'}, ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'JOSE', 'at+jw',
        'at+jwtx', 'application/', 'application/x', 'x']),
    ...typ({id: 'type', others: 'accepted'}, ['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt',
        'APPLICATION/at+JWT']),
    ...typ({access: 'type', others: 'accepted'}, ['JWT', 'jwt', 'application/jwt', undefined]),
];

export const header = [
    ...Array(10).fill(anyMember), ...extensions, ...algs, ...kids, ...typs,
    card((members) => [members]), card(() => 'null', 'malformed'), card(() => '', 'malformed'), card(() => ({}), 'alg'),
];
