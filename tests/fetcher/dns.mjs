// A name server of a few names on port 53 of 127.0.0.1 and ::1, for a network namespace of its own.
//
// node dns.mjs LOG-FILE
// Prints a line when it listens, then runs until its standard input ends. Writes a line `PROTOCOL
// TYPE NAME` to the log for each question.
//
//   a.idp.test      A 127.0.0.1                    aaaa.idp.test   AAAA ::1
//   both.idp.test   both                           alias.idp.test  an alias of a.idp.test
//   many.idp.test   forty addresses, too many for a datagram: asks to come again over TCP
//   half.idp.test   A 127.0.0.1; questions for AAAA are not answered
//   none.idp.test   exists, without an address     silent.idp.test is not answered at all
//   lame.idp.test   SERVFAIL                       and no other name exists
import { appendFileSync } from 'node:fs';
import dgram from 'node:dgram';
import net from 'node:net';

const log = (...words) => appendFileSync(process.argv[2], `${words.join(' ')}\n`);
const A = 1;
const CNAME = 5;
const AAAA = 28;
const loopback4 = Buffer.from([127, 0, 0, 1]);
const loopback6 = Buffer.from([...Array(15).fill(0), 1]);

const encode = (name) =>
    Buffer.concat([...name.split('.').map((l) => Buffer.from([l.length, ...Buffer.from(l)])), Buffer.from([0])]);
const record = (name, type, data) => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(type, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(60, 4);
    fixed.writeUInt16BE(data.length, 8);
    return Buffer.concat([encode(name), fixed, data]);
};

// Address records by name and type; a function of whether it is asked by datagram.
const zone = {
    'a.idp.test': { [A]: [loopback4] },
    'aaaa.idp.test': { [AAAA]: [loopback6] },
    'both.idp.test': { [A]: [loopback4], [AAAA]: [loopback6] },
    'many.idp.test': { [A]: Array.from({ length: 40 }, (_, n) => Buffer.from([127, 0, 0, n + 1])) },
    'half.idp.test': { [A]: [loopback4] },
    'none.idp.test': {},
};

const answer = (message, protocol) => {
    let at = 12;
    const labels = [];
    while (message[at] !== 0) {
        labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
        at += message[at] + 1;
    }
    const question = message.subarray(12, at + 5);
    const type = message.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    log(protocol, type === A ? 'A' : type === AAAA ? 'AAAA' : type, name);
    if (name === 'silent.idp.test' || (name === 'half.idp.test' && type === AAAA)) {
        return null;
    }
    let records = [];
    let flags = 0x8580; // an answer, with authority, recursion wanted and to be had
    if (name === 'alias.idp.test') {
        records = [record(name, CNAME, encode('a.idp.test'))];
        if (type === A) {
            records.push(record('a.idp.test', A, loopback4));
        }
    } else if (name === 'lame.idp.test') {
        flags |= 2;
    } else if (!(name in zone)) {
        flags |= 3;
    } else {
        records = (zone[name][type] ?? []).map((address) => record(name, type, address));
    }
    if (protocol === 'udp' && Buffer.concat(records).length > 400) {
        records = [];
        flags |= 0x0200;
    }
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    head.writeUInt16BE(flags, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, question, ...records]);
};

for (const [family, host] of [['udp4', '127.0.0.1'], ['udp6', '::1']]) {
    const socket = dgram.createSocket(family);
    socket.on('message', (message, from) => {
        const reply = answer(message, 'udp');
        if (reply) {
            socket.send(reply, from.port, from.address);
        }
    });
    await new Promise((resolve) => socket.bind(53, host, resolve));
    const tcp = net.createServer((connection) => {
        let bytes = Buffer.alloc(0);
        connection.on('error', () => {});
        connection.on('data', (piece) => {
            bytes = Buffer.concat([bytes, piece]);
            while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
                const length = bytes.readUInt16BE(0);
                const reply = answer(bytes.subarray(2, 2 + length), 'tcp');
                bytes = bytes.subarray(2 + length);
                if (reply) {
                    const head = Buffer.alloc(2);
                    head.writeUInt16BE(reply.length, 0);
                    connection.write(Buffer.concat([head, reply]));
                }
            }
        });
    });
    await new Promise((resolve) => tcp.listen(53, host, resolve));
}
console.log('listening');
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
