// One key of the good ones changed, and tokens to try the set with.
import {goodKeys, keyNames} from '../workshop.mjs';
import {publicJwk} from '../sign.mjs';

export const setOf = (keys) => Buffer.from(JSON.stringify({keys}));

// The good keys with this one in the place of `name`; tokens of `signer` that name it, which must
// become `words` (without a kid EdDSA has two keys to choose from), and one of another key.
export function trying(w, jwk, {name, signer = name, words}) {
    const keys = goodKeys.map((good) => (good.kid === name ? jwk : good));
    const others = w.witnesses(w.pick(w.enabledKeys.filter((key) => key !== name)));
    const other = w.pick(others.filter(({kid}) => kid));
    const own = w.someWitnesses(signer, name).map(({token, kid, alg}) =>
        ({token, words: kid || alg !== 'EdDSA' ? words : undefined}));
    return {bytes: setOf(keys), tokens: [...own, {token: other.token, words: words && ['accepted']}]};
}

// A card: `change(jwk, w)` makes other members of a key whose name begins with `family`. `word` is what
// must become of its tokens, `anything` where that is for the judges to say; or what must in each kind
// of profile.
export const changed = (family, change, word) => (w) => {
    const name = w.pick(keyNames.filter((key) => key.startsWith(family)));
    const jwk = JSON.parse(JSON.stringify({...publicJwk(name), ...change(publicJwk(name), w)}));
    const wanted = typeof word === 'string' ? word : word[w.profile.kind];
    return trying(w, jwk, {name, words: wanted === 'anything' ? undefined : [wanted]});
};
