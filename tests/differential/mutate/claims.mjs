// Claims: every value around every boundary, and kinds of values that do not belong there.
import {audiences, issuer, maxAge, maxLifetime, now} from '../profiles.mjs';
import {junk} from './header.mjs';

const [audience, client] = audiences;
const lastSecond = 253402300799;

// The payload of a draft with other members; `words` may depend on the kind of profile.
const card = (change, words) => (w) => {
    const draft = w.draft();
    const {payload, header} = change(w, draft);
    const list = Array.isArray(words) ? words : words?.[w.profile.kind] ?? words?.others;
    return {
        token: w.token(draft, {payload: {...draft.payload, ...payload}, header: {...draft.header, ...header}}),
        words: list && w.impliedByClaim(draft, ...list),
    };
};
const set = (payload, words) => card(() => ({payload}), typeof words === 'string' ? [words] : words);
// Dates that depend on the skew of the profile.
const dated = (make, ...words) => card((w) => ({payload: make(w.profile.skew)}), words);
const each = (name, values, words) => values.map((value) => set({[name]: value}, words));

const noTexts = [null, true, 0, 1.5, [], {}, ['x'], {a: 1}];
const noDates = [null, true, false, '', 'x', `${now + 60}`, [], [now + 60], {}, {exp: now + 60}];
const strangeDates = [-1, -1.5, 0, lastSecond + 1, 1e15, 1e300];

const names = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'azp', 'cnf', 'nonce', 'at_hash', 'c_hash',
    'client_id', 'cid', 'appid', 'idtyp',
    'gty', 'auth_time', 'acr', 'amr', 'scope', 'act', 'toString', '__proto__', 'x'];
const values = [...junk, issuer, audience, client, [audience], [client, 'x'], now, now + 60, now - 60, now + 0.5,
    '248', 'app',
    'client-credentials'];
const anything = (count) => card((w) => ({payload: Object.fromEntries(Array.from({length: count}, () =>
    [w.pick(names), w.percent(20) ? undefined : w.pick(values)]))}));

const issuers = [
    ...each('iss', [`${issuer}/`, issuer.toUpperCase(), issuer.replace('https', 'http'), `${issuer}:443`, ` ${issuer}`,
        `${issuer} `, `${issuer}#`, 'https://sso.example.org.evil.example', 'https://sso.example.0rg', '', [issuer],
        {iss: issuer},
        ...noTexts, undefined], 'issuer'),
    set({iss: `${issuer}\0`}, 'malformed'),
];

const recipients = [
    ...each('aud', ['', 'other', `${audience}/`, ` ${audience}`, audience.toUpperCase(), 'ssh://hos', 'ssh://hosts',
        [], ['other'],
        [[audience]], {0: audience}, {aud: audience}, `${audience} ${client}`, `${audience},x`, [audience, 1],
        [audience, null],
        [1, audience], [audience, [audience]], null, 1, true, undefined], 'audience'),
    ...each('aud', [audience, client, [audience], [client]], 'accepted'),
    ...each('aud', [[audience, client], ['other', audience], [audience, audience], ['', audience]],
        {id: ['audience'], access: ['accepted'], any: ['audience', 'accepted'], others: ['accepted']}),
    set({aud: ['other', audience], azp: audience}, 'accepted'), set({azp: client}, 'accepted'),
    ...each('azp', ['other', '', `${client} `, ...noTexts],
        {id: ['audience'], access: ['accepted'], any: ['audience', 'accepted'],
        others: ['accepted']}),
];

const times = [
    ...each('exp', [...noDates, ...strangeDates, undefined], 'expired'),
    ...each('nbf', noDates, 'not_yet_valid'), ...each('nbf', strangeDates, 'not_yet_valid'),
    ...each('iat', noDates, 'claim'), ...each('iat', strangeDates, 'claim'),
    set({nbf: undefined, jti: 'x'}, 'accepted'),
    set({iat: undefined}, {id: ['claim'], others: ['accepted']}),
    dated((skew) => ({exp: now - skew}), 'expired'), dated((skew) => ({exp: now - skew - 1}), 'expired'),
    dated((skew) => ({exp: now - skew - 0.5}), 'expired'), dated((skew) => ({exp: now - skew + 0.5}), 'accepted'),
    dated((skew) => ({exp: now - skew + 1}), 'accepted'), set({exp: 1}, 'expired'), set({exp: 1e-300}, 'expired'),
    dated((skew) => ({nbf: now + skew}), 'accepted'), dated((skew) => ({nbf: now + skew + 0.5}), 'not_yet_valid'),
    dated((skew) => ({nbf: now + skew + 1}), 'not_yet_valid'), set({nbf: 1}, 'accepted'),
    set({nbf: lastSecond}, 'not_yet_valid'),
    dated((skew) => ({iat: now + skew}), 'accepted'), dated((skew) => ({iat: now + skew + 0.5}), 'not_yet_valid'),
    dated((skew) => ({iat: now + skew + 1}), 'not_yet_valid'), set({iat: lastSecond}, 'not_yet_valid'),
    dated((skew) => ({iat: now - maxAge - skew}), 'accepted'),
    dated((skew) => ({iat: now - maxAge - skew - 0.5}), 'too_old'),
    dated((skew) => ({iat: now - maxAge - skew - 1}), 'too_old'), set({iat: 1}, 'too_old'),
    set({iat: now - 60, exp: now - 60 + maxLifetime}, 'accepted'),
    set({iat: now - 60, exp: now - 59.5 + maxLifetime}, 'too_old'),
    set({iat: now - 60, exp: now - 59 + maxLifetime}, 'too_old'), set({exp: lastSecond}, 'too_old'),
    set({iat: undefined, exp: now + maxLifetime}, {id: ['claim'], others: ['accepted']}),
    set({iat: undefined, exp: now + maxLifetime + 1}, {id: ['claim'], others: ['too_old']}),
];

const kinds = {access: ['type'], others: ['accepted']};
const people = [
    ...['nonce', 'at_hash', 'c_hash'].flatMap((name) => each(name, ['x', null, 0], kinds)),
    ...['client_id', 'cid', 'appid'].map((name) => set({[name]: '248'}, 'type')),
    ...each('idtyp', ['app', ['app'], ['x', 'app']], 'type'),
    ...each('gty', ['client-credentials', 'client_credentials', ['client-credentials'], [1, 'client_credentials']],
        'type'),
    set({azp: '248'}, {id: ['audience'], any: ['audience', 'type'], others: ['type']}),
    ...each('client_id', ['249', '248 ', '', null, 248, ['248']], 'accepted'), set({idtyp: 'user'}, 'accepted'),
    ...each('idtyp', [['ap'], [['app']], {app: 'app'}, 'App'], 'accepted'),
    ...each('gty', ['password', ['password'], 'client-credentials '], 'accepted'),
    ...each('cnf', [{}, {jkt: 'x'}, null, '', false], 'claim'),
    ...each('sub', [...noTexts, '', undefined, 'x'.repeat(256), 'alice\n', '\u0430lice', 'alice\u200b', '\u007f', '\t',
        'Zo\u00eb', '\ufeff248'], 'claim'),
    set({sub: 'root\0x'}, 'malformed'), set({sub: '\ud800'}, 'malformed'),
    ...each('sub', ['x'.repeat(255), ' ', '~', 'root', '"\\', '__proto__', 'null'], 'accepted'),
];

export const claims = [
    ...Array(40).fill(anything(1)), ...Array(60).fill(anything(2)), ...Array(20).fill(anything(5)),
    ...issuers, ...recipients, ...times, ...people,
];
