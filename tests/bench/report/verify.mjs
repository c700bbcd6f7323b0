// Verifying one token with its key loaded, beside other libraries.
import {ALGORITHMS, number, Race, table, thousand} from './measured.mjs';

export const PEERS = ['cjose', 'rhonabwy', 'jose', 'libjwt'];
const TITLES = {raw: 'EVP_DigestVerify', ours: '**pam_oauth**, claims checked', batch: '**pam-oauth verify --batch**, its start and its output too', libjwt: 'libjwt 1.10'};

export function verify(measured) {
    const race = new Race(measured.rows('verify.rates').map(([round, command, rate]) =>
        ({round: number(round), command, rate: number(rate)})));
    const counts = measured.counts('verify.counts');
    const results = {};
    for (const name of ['raw', 'ours', 'batch', ...PEERS]) {
        results[name] = Object.fromEntries(ALGORITHMS.filter((alg) => `${name}/${alg}` in counts).map((alg) => [alg, {
            per_second: race.median(`${name}/${alg}`, ({rate}) => rate),
            ratio: race.ratio(`${name}/${alg}`, `raw/${alg}`, ({rate}) => rate),
            beyond_raw: counts[`${name}/${alg}`] - counts[`raw/${alg}`],
        }]));
    }
    const cell = (result) => (result === undefined ? '-' : 
        `${result.ratio.toFixed(2)}${result.beyond_raw > 0 ? ` +${thousand(result.beyond_raw)}k` : ''}`);
    return {
        results,
        text: `Verifying one token, key loaded, one core; the ratio to bare EVP_DigestVerify, and instructions beyond it:\n\n${table(
            ['', ...ALGORITHMS], Object.entries(results).filter(([, result]) => Object.keys(result).length > 0)
                .map(([name, result]) => [TITLES[name] ?? name, ...ALGORITHMS.map((alg) => cell(result[alg]))]))}`,
    };
}
