// Claims: every value around every boundary, and kinds of values that do not belong there.
import {audiences, issuer, maxAge, maxLifetime, now} from '../profiles.mjs';
import {junk} from './header.mjs';

const [audience, client] = audiences;
const lastSecond = 253402300799;

// A payload with other members. `words` are the reasons of which one must come, a word or a list; an
// object has those for the kinds of profiles where they differ.
const card = (change, words) => (w) => {
    const draft = w.draft();
    const list = words?.constructor === Object ? words[w.profile.kind] ?? words.others : words;
    return {token: w.token(draft, {payload: {...draft.payload, ...change(w)}}),
        words: list && w.impliedByClaim(draft, ...[list].flat())};
};

// Values of one claim, by the word that they make.
const each = (name, values, words) => values.map((value) => card(() => ({[name]: value}), words));
const claim = (name, byWord) => Object.entries(byWord).flatMap(([word, values]) => each(name, values, word));
const payload = (members, words) => card(() => members, words);
// A date so many seconds from where the skew of the profile ends.
const around = (name, base, side, byWord) => Object.entries(byWord).flatMap(([word, offsets]) => offsets.map((offset) =>
    card((w) => ({[name]: base + side * w.profile.skew + offset}), word)));

const noTexts = [null, true, 0, 1.5, [], {}, ['x'], {a: 1}];
const noDates = [null, true, false, '', 'x', `${now + 60}`, [], [now + 60], {}, {exp: now + 60}];
const strangeDates = [-1, -1.5, 0, lastSecond + 1, 1e15, 1e300];

// ---- anything anywhere -------------------------------------------------------------------------

const names = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'azp', 'cnf', 'nonce', 'at_hash', 'c_hash', 'client_id',
    'cid', 'appid', 'idtyp', 'gty', 'auth_time', 'acr', 'amr', 'scope', 'act', 'toString', '__proto__', 'x'];
const values = [...junk, issuer, audience, client, [audience], [client, 'x'], now, now + 60, now - 60, now + 0.5, '248',
    'app', 'client-credentials'];
const someClaims = (count) => card((w) => Object.fromEntries(Array.from({length: count}, () =>
    [w.pick(names), w.percent(20) ? undefined : w.pick(values)])));

// ---- for whom and by whom ----------------------------------------------------------------------

const issuers = claim('iss', {
    issuer: [`${issuer}/`, issuer.toUpperCase(), issuer.replace('https', 'http'), `${issuer}:443`, ` ${issuer}`,
        `${issuer} `, `${issuer}#`, `${issuer}.evil.example`, 'https://sso.example.0rg', '', [issuer], {iss: issuer},
        ...noTexts, undefined],
    malformed: [`${issuer}\0`],
});

// Who is not an access token's only recipient must be its authorized party (azp).
const ofIdTokens = {id: 'audience', any: ['audience', 'accepted'], others: 'accepted'};
const recipients = [
    ...claim('aud', {
        audience: ['', 'other', `${audience}/`, ` ${audience}`, audience.toUpperCase(), 'ssh://hos', 'ssh://hosts',
            `${audience} ${client}`, `${audience},x`, [], ['other'], [[audience]], {0: audience}, {aud: audience},
            [audience, 1], [audience, null], [1, audience], [audience, [audience]], null, 1, true, undefined],
        accepted: [audience, client, [audience], [client]],
    }),
    ...each('aud', [[audience, client], ['other', audience], [audience, audience], ['', audience]], ofIdTokens),
    ...each('azp', ['other', '', `${client} `, ...noTexts], ofIdTokens),
    payload({aud: ['other', audience], azp: audience}, 'accepted'), payload({azp: client}, 'accepted'),
];

// ---- when --------------------------------------------------------------------------------------

const times = [
    ...claim('exp', {expired: [...noDates, ...strangeDates, undefined, 1, 1e-300], too_old: [lastSecond]}),
    ...claim('nbf', {not_yet_valid: [...noDates, ...strangeDates, lastSecond], accepted: [1, undefined]}),
    ...claim('iat', {claim: [...noDates, ...strangeDates], not_yet_valid: [lastSecond], too_old: [1]}),
    ...around('exp', now, -1, {expired: [-1, -0.5, 0], accepted: [0.5, 1]}),
    ...around('nbf', now, +1, {accepted: [-1, 0], not_yet_valid: [0.5, 1]}),
    ...around('iat', now, +1, {accepted: [-1, 0], not_yet_valid: [0.5, 1]}),
    ...around('iat', now - maxAge, -1, {too_old: [-1, -0.5], accepted: [0, 1]}),
    ...[[0, 'accepted'], [0.5, 'too_old'], [1, 'too_old']].map(([more, word]) =>
        payload({iat: now - 60, exp: now - 60 + maxLifetime + more}, word)),
    payload({iat: undefined}, {id: 'claim', others: 'accepted'}),
    payload({iat: undefined, exp: now + maxLifetime}, {id: 'claim', others: 'accepted'}),
    payload({iat: undefined, exp: now + maxLifetime + 1}, {id: 'claim', others: 'too_old'}),
];

// ---- who ---------------------------------------------------------------------------------------

const people = [
    ...['nonce', 'at_hash', 'c_hash'].flatMap((name) =>
        each(name, ['x', null, 0], {access: 'type', others: 'accepted'})),
    ...['client_id', 'cid', 'appid'].flatMap((name) =>
        claim(name, {type: ['248'], accepted: ['249', '248 ', '', null, 248, ['248']]})),
    payload({azp: '248'}, {id: 'audience', any: ['audience', 'type'], others: 'type'}),
    ...claim('idtyp', {type: ['app', ['app'], ['x', 'app']],
        accepted: ['user', ['ap'], [['app']], {app: 'app'}, 'App']}),
    ...claim('gty', {
        type: ['client-credentials', 'client_credentials', ['client-credentials'], [1, 'client_credentials']],
        accepted: ['password', ['password'], 'client-credentials '],
    }),
    ...claim('cnf', {claim: [{}, {jkt: 'x'}, null, '', false]}),
    ...claim('sub', {
        claim: [...noTexts, '', undefined, 'x'.repeat(256), 'alice\n', '\u0430lice', 'alice\u200b', '\u007f', '\t',
            'Zo\u00eb', '\ufeff248'],
        malformed: ['root\0x', '\ud800'],
        accepted: ['x'.repeat(255), ' ', '~', 'root', '"\\', '__proto__', 'null'],
    }),
];

export const claims = [
    ...Array(40).fill(someClaims(1)), ...Array(60).fill(someClaims(2)), ...Array(20).fill(someClaims(5)),
    ...issuers, ...recipients, ...times, ...people,
];
