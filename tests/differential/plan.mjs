// What is mutated, and in which order. Every mutation has a number within its class and chance of its
// own, so that one can be made again without those before it.
import {chanceOf} from './chance.mjs';
import {profileOf} from './profiles.mjs';
import {Workshop, goodKeys} from './workshop.mjs';
import {base64url} from './mutate/base64url.mjs';
import {claims} from './mutate/claims.mjs';
import {foreign} from './mutate/foreign.mjs';
import {header} from './mutate/header.mjs';
import {keyNumbers} from './mutate/keynumbers.mjs';
import {members} from './mutate/members.mjs';
import {numbers} from './mutate/numbers.mjs';
import {sets} from './mutate/sets.mjs';
import {signatureBytes} from './mutate/signature.mjs';
import {headerSpelling, payloadSpelling} from './mutate/spelling.mjs';
import {text} from './mutate/text.mjs';
import {setOf} from './mutate/trying.mjs';

// `share` of a thousand mutations; a card of a token class makes a token, one of a key class a set.
export const classes = [
    {name: 'text of the token', cards: text, share: 150},
    {name: 'base64url', cards: base64url, share: 70},
    {name: 'header members', cards: header, share: 140},
    {name: 'header JSON', cards: headerSpelling, share: 100},
    {name: 'payload JSON', cards: payloadSpelling, share: 100},
    {name: 'claims', cards: claims, share: 180},
    {name: 'signature bytes', cards: signatureBytes, share: 60},
    {name: 'signature numbers', cards: numbers, share: 70},
    {name: 'signed by others', cards: foreign, share: 60},
    {name: 'JWK members', cards: members, share: 25, ofKeys: true},
    {name: 'JWK numbers', cards: keyNumbers, share: 20, ofKeys: true},
    {name: 'key sets', cards: sets, share: 25, ofKeys: true},
];

const batchSize = 50; // tokens of one profile

function hashOf(words) { // FNV-1a
    return [...words.join(' ')].reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0,
        0x811c9dc5);
}
const chanceFor = (...words) => chanceOf(hashOf(words));

function profileFor(seed, {name, ofKeys}, batch) {
    const chance = chanceFor(seed, name, 'profile', batch);
    const kind = chance.pick(ofKeys ? ['signature', 'access'] : ['signature', 'access', 'access', 'id', 'any']);
    return profileOf(kind, chance.percent(80) ? 'all' : 'default', chance.pick([0, 30, 300]));
}

// The first `count` cards of a class: all of them, then all of them again in another order.
function dealt(seed, {name, cards}, count) {
    const deal = chanceFor(seed, name, 'deck').deck(cards);
    return Array.from({length: count}, deal);
}

// {profile, bytes of the key set, items: [{index, tokens: [{token, words}]}]}, one batch after the
// other: those of which `isOurs(class, number of the batch)`.
export function* batches(seed, total, isOurs) {
    const goodSet = setOf(goodKeys);
    for (const kind of classes) {
        const cards = dealt(seed, kind, Math.ceil(total * kind.share / 1000));
        const size = kind.ofKeys ? 1 : batchSize;
        for (let start = 0; start < cards.length; start += size) {
            const batch = start / size;
            if (!isOurs(kind, batch)) {
                continue;
            }
            const profile = profileFor(seed, kind, batch);
            const items = cards.slice(start, start + size).map((card, i) => ({index: start + i,
                made: card(new Workshop(chanceFor(seed, kind.name, start + i), profile))}));
            yield {kind, profile, bytes: kind.ofKeys ? items[0].made.bytes : goodSet,
                items: items.map(({index, made}) => ({index, tokens: made.tokens ?? [made]}))};
        }
    }
}
