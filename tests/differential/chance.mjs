// Chance that can be repeated: the same seed, the same run.

export function chanceOf(seed) {
    let state = seed >>> 0;
    const random = (below) => { // mulberry32
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) % below;
    };
    const shuffled = (list) => {
        const cards = [...list];
        for (let i = cards.length - 1; i > 0; i--) {
            const j = random(i + 1);
            [cards[i], cards[j]] = [cards[j], cards[i]];
        }
        return cards;
    };
    return {
        random,
        shuffled,
        pick: (list) => list[random(list.length)],
        percent: (n) => random(100) < n,
        bytes: (length) => Buffer.from(Array.from({length}, () => random(256))),
        // Gives out every card once before any comes a second time: nothing rare is left out.
        deck(list) {
            let left = [];
            return () => {
                left = left.length > 0 ? left : shuffled(list);
                return left.pop();
            };
        },
    };
}
