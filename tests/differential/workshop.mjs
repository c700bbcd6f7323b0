// Where tokens are made: one profile, one source of chance. What a card (mutate/*.mjs) gets to work
// with.
import {b64} from './numbers.mjs';
import {kindOf} from './keyfaults.mjs';
import {algorithms, messageOf, privateKeys, publicJwk, sign} from './sign.mjs';
import {audiences, issuer, now} from './profiles.mjs';

export const keyNames = ['rsa', 'p256', 'p384', 'p521', 'ed25519', 'ed448'];
export const goodKeys = keyNames.map((name) => publicJwk(name));

const typs = {
    signature: ['at+jwt', 'JWT', undefined], access: ['at+jwt', 'AT+JWT', 'application/at+jwt'],
    id: ['JWT', undefined, 'application/jwt'], any: ['at+jwt', 'JWT', undefined],
};

const witnesses = new Map();

export class Workshop {
    constructor(chance, profile) {
        Object.assign(this, chance);
        this.chance = chance;
        this.profile = profile;
    }

    // A header and a payload that are right, with the algorithm and the key to sign them with.
    draft(alg = this.pick(algorithms)) {
        const isNamed = alg.alg === 'EdDSA' || this.percent(75); // two keys would do for EdDSA
        return {
            ...alg,
            enabled: this.enables(alg),
            header: {typ: this.pick(typs[this.profile.kind]), alg: alg.alg, ...(isNamed && {kid: alg.key})},
            payload: {iss: issuer, aud: this.pick(audiences), sub: '248', iat: now - 60, exp: now + 300,
                ...(this.percent(20) && {scope: 'openid', name: 'Zo\u00eb \ud83d\ude00',
                    roles: ['a', {b: [1.5, null]}]})},
        };
    }

    // Ed448 is an opt-in under the name EdDSA too.
    enables({alg, key}) {
        const {algorithms: list} = this.profile;
        return list.includes(alg) && (key !== 'ed448' || list.includes('Ed448'));
    }

    // The token of a draft, parts of which may be replaced.
    token(draft, {header = draft.header, payload = draft.payload, key = draft.key, alg = draft.alg} = {}) {
        return this.seal(messageOf(header, payload), alg, key);
    }

    seal(message, alg, key) {
        return `${message}.${b64(sign(alg, key, message, this.chance))}`;
    }

    // The reason that a mutation of this draft has, where the draft would be accepted.
    implied(draft, ...words) {
        return draft.enabled ? words : undefined;
    }

    // The same, of a claim; nobody looks at claims for a signature.
    impliedByClaim(draft, ...words) {
        return this.implied(draft, ...(this.profile.signatureOnly ? ['accepted'] : words));
    }

    get enabledKeys() {
        return keyNames.filter((name) => this.witnesses(name).length > 0);
    }

    // One token for every enabled algorithm of a key, with a kid and without: what to try a key set with.
    // They are the same every time, so that a judge can remember them.
    witnesses(name, kid = name) {
        const make = ({alg, key}, header) => {
            const draft = this.draft({alg, key});
            return this.token(draft, {key: name, header: {typ: typs[this.profile.kind][0], alg, ...header},
                payload: {iss: issuer, aud: audiences[0], sub: '248', iat: now - 60, exp: now + 300}});
        };
        const known = `${this.profile.kind} ${name} ${kid}`;
        if (!witnesses.has(known)) {
            const type = kindOf(privateKeys[name]);
            const fitting = algorithms.filter(({alg, key}) => kindOf(privateKeys[key]) === type &&
                (name !== 'rsa1024' || alg !== 'PS512')); // for which it has no room
            witnesses.set(known, fitting.flatMap((alg) => [
                {alg: alg.alg, kid, token: make(alg, {kid})}, {alg: alg.alg, token: make(alg, {})}]));
        }
        return witnesses.get(known).filter(({alg}) => this.enables({alg, key: name.replace('_other', '')}));
    }

    // Two of them with a kid and one without; an algorithm each where there are so many.
    someWitnesses(name, kid = name) {
        const all = this.shuffled(this.witnesses(name, kid));
        return [...all.filter((witness) => witness.kid).slice(0, 2),
            ...all.filter((witness) => !witness.kid).slice(0, 1)];
    }
}
