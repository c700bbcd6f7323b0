// Members of the protected header: each that anybody knows, with every kind of value, signed with
// the right key. Also which keys there are for it to name.
import {goodKeys} from '../workshop.mjs';
import {algorithms, publicJwk} from '../sign.mjs';

export const junk = [null, true, false, 0, -1, 1.5, 1800000000, '', 'x', 'JWT', 'none', [], {}, ['x'], [null], {a: [1]},
    '\u202e', '\u001b[2J', '\u0000', '\ud800', 'x'.repeat(300), 'x'.repeat(9000), 'constructor', '__proto__'];

const ignored = ['jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'url', 'nonce', 'iss', 'sub', 'aud', 'epk', 'apu', 'p2c', 'iv',
    'tag', 'cti', 'x', 'Alg', 'ALG', 'KID', 'toString', 'constructor', '__proto__'];
const refused = ['crit', 'b64', 'jwk', 'zip', 'enc'];

// The draft with other members, and what that implies.
const signed = (change) => (w) => {
    const draft = w.draft();
    const {header, words, ...rest} = change(draft.header, w, draft);
    return {token: w.token(draft, {header, ...rest}), words: words && w.implied(draft, ...words)};
};
const set = (name, value, ...words) => signed((header) =>
    ({header: {...header, [name]: value}, words: words.length > 0 ? words : undefined}));
const typ = (value, wordsByKind) => (w) => {
    const draft = w.draft();
    const words = wordsByKind[w.profile.kind] ?? wordsByKind.others;
    return {token: w.token(draft, {header: {...draft.header, typ: value}}), words: w.implied(draft, words)};
};

const anyMember = signed((header, w) => ({header: {...header,
    [w.pick([...ignored, ...refused, 'kid', 'typ', 'cty', 'alg'])]: w.pick([...junk, header, goodKeys[0]])}}));
const without = (name) => signed((header) => ({header: {...header, [name]: undefined},
    words: name === 'alg' ? ['alg'] : undefined}));

const names = ['none', 'None', 'NONE', 'nOnE', '', ' RS256', 'RS256 ', 'rs256', 'RS-256', 'RS1', 'RS257', 'HS256',
    'HS384',
    'HS512', 'ES256K', 'ESP256', 'ES521', 'eddsa', 'EDDSA', 'ed25519', 'Ed25519ph', 'A128KW', 'dir', 'RSA-OAEP',
    'ML-DSA-44',
    'RS256\u0000', 'RS256,none', 'constructor', '__proto__'];
const notNames = [null, true, 0, 256, [], ['RS256'], {}, {alg: 'RS256'}];

// A name of the list that this key does not go with: RFC 8725 3.1. Its signature is still good.
const otherFamily = signed((header, w, draft) => {
    const others = algorithms.filter(({key, alg}) => key !== draft.key && alg !== 'EdDSA' &&
        w.profile.algorithms.includes(alg));
    const kid = header.kid ?? draft.key;
    return {header: {...header, kid, alg: w.pick(others).alg}, words: ['unknown_key']};
});
// One that it does go with, and that the signature is not of.
const sameFamily = (w) => {
    const draft = w.draft(w.pick(algorithms.filter(({key}) => key === 'rsa')));
    const others = algorithms.filter(({key, alg}) => key === 'rsa' && alg !== draft.alg &&
        w.profile.algorithms.includes(alg));
    const header = {...draft.header, alg: w.pick(others).alg};
    return {token: w.token(draft, {header}), words: ['signature']};
};
// One that it goes with, and that the signature is of.
const resigned = (w) => {
    const draft = w.draft();
    const {alg} = w.pick(algorithms.filter(({key}) => key === draft.key));
    const header = {...draft.header, alg, kid: draft.key};
    const enabled = w.profile.algorithms.includes(alg) &&
    (draft.key !== 'ed448' || w.profile.algorithms.includes('Ed448'));
    return {token: w.token(draft, {header, alg}), words: enabled ? ['accepted'] : undefined};
};

const otherKid = signed((header, w, draft) => ({header: {...header,
    kid: w.pick(goodKeys.map(({kid}) => kid).filter((kid) => kid !== draft.key))},
    words: ['unknown_key', 'signature']}));
const kids = ['', 'x', 'RSA', 'rsa ', ' rsa', 'rsa\n', '../../../etc/passwd', '\u001b[2J', 'rsa\u0000', '=cnNh', '*',
    'x'.repeat(256), '\u00e9'.repeat(128)];
const longKids = ['x'.repeat(257), '\u00e9'.repeat(129), 'x'.repeat(2500)];

export const header = [
    anyMember, anyMember, anyMember, anyMember, anyMember, anyMember, anyMember, anyMember, anyMember, anyMember,
    ...refused.flatMap((name) => [null, true, 'x', []].map((value) => set(name, value, 'header'))),
    ...ignored.map((name) => set(name, 'x', 'accepted')),
    set('crit', ['b64'], 'header'), set('crit', ['exp'], 'header'), set('crit', [''], 'header'),
    signed((h) => ({header: {...h, b64: true, crit: ['b64']}, words: ['header']})),
    signed((h) => ({header: {...h, b64: false, crit: ['b64']}, words: ['header']})),
    signed((h) => ({header: {...h, b64: false}, words: ['header']})),
    signed((h, w, draft) => ({header: {...h, jwk: publicJwk(draft.key)}, words: ['header']})),
    ...['JWT', 'jwt', 'application/jwt', 'at+jwt', 'JwT'].map((value) => set('cty', value, 'header')),
    ...[null, 5, ['JWT'], {}].map((value) => set('cty', value, 'header')),
    ...['', 'json', 'text/plain', 'JWTx', 'JWS'].map((value) => set('cty', value, 'accepted')),
    ...names.map((name) => set('alg', name, ...(name.includes('\0') ? ['malformed'] : ['alg']))),
    ...notNames.map((name) => set('alg', name, 'alg')),
    without('alg'), without('kid'), without('typ'),
    otherFamily, otherFamily, sameFamily, sameFamily, resigned, resigned, otherKid, otherKid,
    ...kids.map((kid) => set('kid', kid, kid.includes('\0') ? 'malformed' : 'unknown_key')),
    ...[...longKids, null, 0, true, ['rsa'], {}].map((kid) => set('kid', kid, 'header')),
    ...[null, 0, true, ['at+jwt'], {}, ''].map((value) => set('typ', value, 'type')),
    ...['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'JOSE', 'at+jw', 'at+jwtx', 'application/', 'application/x', 'x'].map(
        (value) => typ(value, {signature: 'accepted', others: 'type'})),
    ...['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt', 'APPLICATION/at+JWT'].map(
        (value) => typ(value, {id: 'type', others: 'accepted'})),
    ...['JWT', 'jwt', 'application/jwt', undefined].map((value) => typ(value, {access: 'type', others: 'accepted'})),
    signed((h) => ({header: [h]})), signed(() => ({header: 'null', words: ['malformed']})),
    signed((h) => ({header: {}, words: ['alg']})), signed(() => ({header: '', words: ['malformed']})),
];
