// Reads what was measured (build/bench/measured) and makes one number of many.
import fs from 'node:fs';

export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

// What was not measured must not look like nothing, which is less than every limit.
export function number(text) {
    if (!/^-?[0-9.]+$/.test(text ?? '')) throw new Error(`'${text ?? ''}' was measured, which is no number`);
    return Number(text);
}

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export class Measured {
    constructor(directory) { this.directory = directory; }

    has(name) { return fs.existsSync(`${this.directory}/${name}`); }

    rows(name) {
        return fs.readFileSync(`${this.directory}/${name}`, 'utf8').split('\n').filter(Boolean).map((line) => line.split('\t'));
    }

    // NAME -> number
    counts(name) { return Object.fromEntries(this.rows(name).map(([key, value]) => [key, number(value)])); }

    // What race.c prints. Of more than one round the first is for the caches.
    race(name) {
        const all = this.rows(name).map(([round, command, wall, cpu, resident, ...printed]) => ({
            round: number(round), command, wall: number(wall), cpu: number(cpu), resident: number(resident),
            printed: printed.map(Number),
        }));
        const warm = all.filter(({round}) => round > 0);
        return new Race(warm.length > 0 ? warm : all);
    }
}

export class Race {
    constructor(runs) {
        this.runs = runs;
        this.commands = [...new Set(runs.map(({command}) => command))];
    }

    of(command) { return this.runs.filter((run) => run.command === command); }

    median(command, value) { return median(this.of(command).map(value)); }

    // The median of the rounds' ratios: both of a round ran in the same second.
    ratio(command, other, value) {
        const others = new Map(this.of(other).map((run) => [run.round, value(run)]));
        return median(this.of(command).filter(({round}) => others.has(round)).map((run) => value(run) / others.get(run.round)));
    }
}

export function table(head, rows) {
    return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

export const million = (instructions) => (instructions / 1e6).toFixed(2);
export const thousand = (instructions) => Math.round(instructions / 1e3).toString();
export const ms = (us) => (us / 1000).toFixed(us < 10000 ? 2 : 0);
